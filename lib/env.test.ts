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

it('takes a few guests on loopback and none elsewhere, unless told otherwise', () => {
  const guests = (given: object) => parseEnv({ ...usable, ...given }).GUESTS
  expect(guests({})).toBe(3)
  expect(guests({ GUESTS: '' })).toBe(3)
  expect(guests({ GUESTS: '0' })).toBe(0)
  expect(guests({ NEXTAUTH_URL: 'https://drydock.example' })).toBe(0)
  expect(guests({ NEXTAUTH_URL: 'https://drydock.example', GUESTS: '20' })).toBe(20)
  for (const GUESTS of ['-1', '1.5', 'yes']) expect(() => guests({ GUESTS })).toThrow(/GUESTS/)
})

it('names what is wrong and never its value', () => {
  const broken = { ...usable, NEXTAUTH_SECRET: 'short-secret', DRYDOCK_IMAGES: '{', ROLES: 'web,king' }
  expect(() => parseEnv(broken)).toThrow(/ROLES.*[\s\S]*NEXTAUTH_SECRET.*[\s\S]*DRYDOCK_IMAGES: is not JSON/)
  expect(() => parseEnv(broken)).not.toThrow(/short-secret/)
})

it.each([
  [
    { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'drydock' },
    /OIDC_CLIENT_SECRET: is missing, while OIDC_ISSUER/,
  ],
  [{ GITHUB_CLIENT_SECRET: 'hidden-value' }, /GITHUB_CLIENT_ID: is missing, while GITHUB_CLIENT_SECRET is set/],
  [{ GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: '' }, /GOOGLE_CLIENT_SECRET: is missing/],
  [{ SMTP_URL: 'smtp://mail.example' }, /MAIL_FROM: is missing/],
  [{ SMTP_URL: 'https://mail.example', MAIL_FROM: 'a@mail.example' }, /SMTP_URL/],
  [{ OIDC_ISSUER: 'http://id.example', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' }, /OIDC_ISSUER: must be https/],
  [{ ADMIN_EMAILS: 'ada' }, /ADMIN_EMAILS/],
])('refuses a half-given or unusable way to sign in: %j', (given, words) => {
  expect(() => parseEnv({ ...usable, ...given })).toThrow(words)
  expect(() => parseEnv({ ...usable, ...given })).not.toThrow(/hidden-value/)
})

it('takes a way to sign in whole, or set to nothing', () => {
  expect(
    parseEnv({ ...usable, OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' }).OIDC_ISSUER,
  ).toBeUndefined()
  const smtp = { SMTP_URL: 'smtp://127.0.0.1:2525', MAIL_FROM: 'Drydock <no-reply@drydock.example>' }
  expect(parseEnv({ ...usable, ...smtp })).toMatchObject(smtp)
  const admins = parseEnv({ ...usable, ADMIN_EMAILS: 'Ada@example.org, grace@example.org' }).ADMIN_EMAILS
  expect(admins).toEqual(['ada@example.org', 'grace@example.org'])
})

it('takes images for labs from nowhere else, unless told so', () => {
  const registries = (value?: string) => parseEnv({ ...usable, DRYDOCK_LAB_REGISTRIES: value }).DRYDOCK_LAB_REGISTRIES
  expect(registries()).toEqual([])
  expect(registries('docker.io/library, registry.example:5000 localhost/labs')).toEqual([
    'docker.io/library',
    'registry.example:5000',
    'localhost/labs',
  ])
  for (const wrong of ['library', 'library/python', '*', 'docker.io/', 'https://docker.io']) {
    expect(() => registries(wrong)).toThrow('DRYDOCK_LAB_REGISTRIES')
  }
})

it('shows pages of machines below lab.localhost on loopback, and elsewhere where it is told', () => {
  const domain = (given: object) => parseEnv({ ...usable, ...given }).PREVIEW_DOMAIN
  expect(domain({})).toBe('lab.localhost:4200')
  expect(domain({ NEXTAUTH_URL: 'http://127.0.0.1:4201' })).toBe('lab.localhost:4201')
  expect(domain({ PREVIEW_DOMAIN: '' })).toBe('lab.localhost:4200')
  const site = { NEXTAUTH_URL: 'https://learn.drydock.example' }
  expect(domain(site)).toBe('')
  for (const other of ['labs.example', 'drydock-labs.example:8443', 'labs.drydock.example']) {
    expect(domain({ ...site, PREVIEW_DOMAIN: other })).toBe(other)
  }
  for (const near of [
    'learn.drydock.example',
    'LEARN.drydock.example:8443',
    'x.learn.drydock.example',
    'drydock.example',
  ]) {
    expect(() => domain({ ...site, PREVIEW_DOMAIN: near })).toThrow('PREVIEW_DOMAIN: must neither be the host of')
  }
  for (const none of ['https://labs.example', 'labs', '*.labs.example', 'labs.example/x', '127.0.0.1', '.example']) {
    expect(() => domain({ ...site, PREVIEW_DOMAIN: none })).toThrow('PREVIEW_DOMAIN: is a domain')
  }
})

it('lets labs out nowhere, unless told so', () => {
  const hosts = (value?: string) => parseEnv({ ...usable, DRYDOCK_EGRESS_HOSTS: value }).DRYDOCK_EGRESS_HOSTS
  expect(hosts()).toEqual([])
  expect(hosts('PyPI.example, *.debian.org 203.0.113.10,203.0.113.0/24')).toEqual([
    'pypi.example',
    '*.debian.org',
    '203.0.113.10',
    '203.0.113.0/24',
  ])
  for (const wrong of [
    '*',
    'https://pypi.example',
    'pypi.example:443',
    '203.0.113.0/33',
    'fd00::1',
    '*.*.org',
    '1.2.3',
  ]) {
    expect(() => hosts(wrong)).toThrow('DRYDOCK_EGRESS_HOSTS')
  }
})
