import { expect, it } from 'vitest'
import { parseEnv } from '#lib/env.ts'

const usable = {
  DATABASE_URL: 'postgresql://localhost/drydock',
  NEXTAUTH_URL: 'http://localhost:4200',
  NEXTAUTH_SECRET: 'x'.repeat(32),
}

it('plays every role on loopback, without the development sign-in, unless told otherwise', () => {
  expect(parseEnv(usable)).toMatchObject({
    ROLES: ['web', 'gateway', 'reconciler'],
    HOST: '127.0.0.1',
    AUTH_DEV: false,
  })
})

it.each([
  ['a public URL', { NEXTAUTH_URL: 'https://drydock.example' }],
  ['a public address', { HOST: '0.0.0.0' }],
  ['a URL that only begins like loopback', { NEXTAUTH_URL: 'http://localhost.example' }],
])('refuses the development sign-in with %s', (_, change) => {
  expect(() => parseEnv({ ...usable, AUTH_DEV: '1', ...change })).toThrow('the development sign-in works only where')
  expect(parseEnv({ ...usable, ...change }).AUTH_DEV).toBe(false)
})

it('names what is wrong and never its value', () => {
  const broken = { ...usable, NEXTAUTH_SECRET: 'short-secret', DRYDOCK_IMAGES: '{', ROLES: 'web,king' }
  expect(() => parseEnv(broken)).toThrow(/ROLES.*[\s\S]*NEXTAUTH_SECRET.*[\s\S]*DRYDOCK_IMAGES: is not JSON/)
  expect(() => parseEnv(broken)).not.toThrow(/short-secret/)
})
