import { expect, it } from 'vitest'
import { cookieValue, sessionCookie } from '#lib/auth/session.ts'

it('finds its cookie among others, and not in the name of another', () => {
  const header = 'theme=dark; not-drydock.session.4200=no; drydock.session.4200=a=b.c; drydock.session.4200=second'
  expect(cookieValue(header, 'drydock.session.4200')).toBe('a=b.c')
  expect(cookieValue(header, 'session.4200')).toBeUndefined()
  expect(cookieValue(undefined, 'drydock.session.4200')).toBeUndefined()
  expect(cookieValue('; ; =; drydock.session.4200', 'drydock.session.4200')).toBeUndefined()
})

it('is for https only where the site is, and one per port where it is not', () => {
  expect(sessionCookie('https://learn.example')).toEqual({ name: '__Host-drydock.session', secure: true })
  expect(sessionCookie('http://127.0.0.1:4200')).toEqual({ name: 'drydock.session.4200', secure: false })
  expect(sessionCookie('http://127.0.0.1:4201').name).not.toBe(sessionCookie('http://127.0.0.1:4200').name)
})
