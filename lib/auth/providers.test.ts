import { expect, it } from 'vitest'
import { oidcProfile } from '#lib/auth/profiles.ts'
import { providers } from '#lib/auth/providers.ts'
import { parseEnv } from '#lib/env.ts'

const site = {
  DATABASE_URL: 'postgresql://localhost/drydock',
  NEXTAUTH_URL: 'https://drydock.example',
  NEXTAUTH_SECRET: 'x'.repeat(32),
}
const github = { GITHUB_CLIENT_ID: 'gh', GITHUB_CLIENT_SECRET: 'gh-secret' }
const google = { GOOGLE_CLIENT_ID: 'go', GOOGLE_CLIENT_SECRET: 'go-secret' }
const oidc = { OIDC_ISSUER: 'https://id.example/realm/', OIDC_CLIENT_ID: 'oi', OIDC_CLIENT_SECRET: 'oi-secret' }
const smtp = { SMTP_URL: 'smtps://mail.example', MAIL_FROM: 'no-reply@drydock.example' }

const configured = (given: object) => providers(parseEnv({ ...site, ...given }))

/** A provider as next-auth sees it: what was given wins over what the library presets. */
const effective = (given: object) => {
  const [provider] = configured(given)
  return { ...provider, ...(provider as { options?: object }).options }
}

it.each([
  [{}, []],
  [github, ['github']],
  [{ ...smtp, ...google, ...github, ...oidc }, ['oidc', 'github', 'google', 'email']],
  [{ NEXTAUTH_URL: 'http://localhost:4200', AUTH_DEV: '1' }, ['credentials']],
])('offers exactly what is configured (%#)', (given, ids) => {
  expect(configured(given).map(({ id }) => id)).toEqual(ids)
})

it('asks every OpenID provider with PKCE, state and nonce, and maps its claims our way', () => {
  for (const given of [oidc, google]) {
    expect(effective(given)).toMatchObject({ idToken: true, checks: ['pkce', 'state', 'nonce'], profile: oidcProfile })
    expect(effective(given)).not.toHaveProperty('allowDangerousEmailAccountLinking')
  }
  expect(effective(oidc)).toMatchObject({
    wellKnown: 'https://id.example/realm/.well-known/openid-configuration',
    clientId: 'oi',
  })
  expect(effective(google)).toMatchObject({ clientId: 'go', clientSecret: 'go-secret' })
})

it('asks GitHub for the addresses, whose state of verification its profile does not tell', () => {
  const provider = effective(github) as unknown as { profile: (user: object) => object; authorization: object }
  expect(provider).toMatchObject({ clientId: 'gh', authorization: { params: { scope: 'read:user user:email' } } })
  expect(provider.profile({ id: 1, login: 'ada', name: null, email: 'a@b.example' })).toEqual({
    id: '1',
    name: 'ada',
    email: null,
  })
})

it('sends links that are good for 15 minutes', () => {
  expect(effective(smtp)).toMatchObject({ maxAge: 900 })
})
