import { expect, it } from 'vitest'
import { gitHubProfile, oidcProfile } from '#lib/auth/profiles.ts'

it('takes subject, name and verified address from an OpenID provider', () => {
  const claims = { sub: 'a-1', name: ' Ada  Lovelace ', email: 'Ada@Example.org', email_verified: true }
  expect(oidcProfile(claims)).toEqual({ id: 'a-1', name: 'Ada Lovelace', email: 'ada@example.org' })
})

it.each([false, undefined, null, 'true', 1])('leaves an address out that is verified only as %j', (email_verified) => {
  expect(oidcProfile({ sub: 'a', email: 'ada@example.org', email_verified }).email).toBeNull()
})

it('makes the nearest name of any, and refuses nobody for it', () => {
  const name = (name: unknown) => oidcProfile({ sub: 'a', name, preferred_username: 'ada' }).name
  expect(name('x'.repeat(5000))).toBe('x'.repeat(40))
  expect(name('A\u202edA\u0000')).toBe('AdA')
  expect(name('<script>alert(1)</script>')).toBe('<script>alert(1)</script>')
  expect(name('😀'.repeat(50))).toBe('😀'.repeat(40))
  for (const none of ['', ' \u0000 ', 7, null, {}]) expect(name(none)).toBe('ada')
  expect(oidcProfile({ sub: 'a' })).toEqual({ id: 'a', name: null, email: null })
})

it('wants a subject', () => {
  for (const claims of [{}, { sub: '' }, { sub: 7 }, null]) expect(() => oidcProfile(claims)).toThrow()
})

it('takes GitHub’s primary address once it is verified, and no other', () => {
  const user = { id: 583231, login: 'ada', name: null, email: 'public@example.org' }
  const of = (emails: unknown) => gitHubProfile({ ...user, emails })
  const primary = { email: 'Ada@example.org', primary: true, verified: true }
  const other = { email: 'other@example.org', primary: false, verified: true }
  expect(of([other, primary])).toEqual({ id: '583231', name: 'ada', email: 'ada@example.org' })
  for (const emails of [[other, { ...primary, verified: false }], [other], [], undefined, { message: 'Not found' }]) {
    expect(of(emails).email).toBeNull()
  }
})
