import type { NextAuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import Email from 'next-auth/providers/email'
import GitHub from 'next-auth/providers/github'
import Google from 'next-auth/providers/google'
import type { OAuthConfig } from 'next-auth/providers/oauth'
import { devSignIn } from '#lib/auth/dev-sign-in.ts'
import { gitHubProfile, oidcProfile } from '#lib/auth/profiles.ts'
import { LINK_MINUTES, sendSignInMail } from '#lib/auth/send-sign-in-mail.ts'
import { type Env, env } from '#lib/env.ts'
import { toAppError } from '#lib/errors.ts'

type Provider = NextAuthOptions['providers'][number]

/** The ways to sign in that this site's environment configures, as next-auth wants them. */
export function providers(given: Env = env()): Provider[] {
  const { OIDC_ISSUER, GITHUB_CLIENT_ID, GOOGLE_CLIENT_ID, SMTP_URL } = given
  return [
    ...(OIDC_ISSUER ? [oidc(OIDC_ISSUER, given)] : []),
    ...(GITHUB_CLIENT_ID ? [gitHub(given)] : []),
    ...(GOOGLE_CLIENT_ID ? [google(given)] : []),
    ...(SMTP_URL ? [mail(given)] : []),
    ...(given.AUTH_DEV ? [development()] : []),
  ]
}

function oidc(issuer: string, given: Env): OAuthConfig<unknown> {
  return {
    id: 'oidc',
    name: given.OIDC_NAME ?? 'your organisation',
    type: 'oauth',
    wellKnown: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    clientId: given.OIDC_CLIENT_ID ?? '',
    clientSecret: given.OIDC_CLIENT_SECRET ?? '',
    idToken: true,
    checks: ['pkce', 'state', 'nonce'],
    authorization: { params: { scope: 'openid email profile' } },
    profile: oidcProfile,
  }
}

function google(given: Env): Provider {
  const base = Google({ clientId: given.GOOGLE_CLIENT_ID ?? '', clientSecret: given.GOOGLE_CLIENT_SECRET ?? '' })
  return { ...base, options: { ...base.options, checks: ['pkce', 'state', 'nonce'], profile: oidcProfile } } as Provider
}

function gitHub(given: Env): Provider {
  const base = GitHub({ clientId: given.GITHUB_CLIENT_ID ?? '', clientSecret: given.GITHUB_CLIENT_SECRET ?? '' })
  const userinfo = {
    url: 'https://api.github.com/user',
    // The library's own takes an unverified address.
    request: async ({ tokens }: { tokens: { access_token?: string } }) => {
      const [user, emails] = await Promise.all(
        ['user', 'user/emails'].map((path) => askGitHub(path, tokens.access_token)),
      )
      return { ...(user as object), emails }
    },
  }
  return { ...base, options: { ...base.options, userinfo, profile: gitHubProfile } } as Provider
}

async function askGitHub(path: string, token = ''): Promise<unknown> {
  const response = await fetch(`https://api.github.com/${path}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'user-agent': 'drydock' },
    signal: AbortSignal.timeout(10_000),
  })
  if (response.ok) return response.json()
  if (path === 'user') throw new Error(`GitHub answered ${response.status}`)
  return null
}

function mail({ SMTP_URL, MAIL_FROM, NEXTAUTH_URL }: Env): Provider {
  return Email({
    maxAge: LINK_MINUTES * 60,
    sendVerificationRequest: ({ identifier, url }) =>
      sendSignInMail({
        server: SMTP_URL ?? '',
        from: MAIL_FROM ?? '',
        to: identifier,
        // To a page of ours, not to what signs in: mail scanners open every link, and this one is good for one use.
        link: new URL(`/signin/link${new URL(url).search}`, NEXTAUTH_URL),
      }),
  })
}

function development(): Provider {
  return Credentials({
    id: 'dev',
    name: 'Development sign-in',
    credentials: { name: { label: 'Name' } },
    // The error's message travels to the sign-in page, which knows the words for each code.
    authorize: (credentials) =>
      devSignIn(credentials?.name).catch((thrown) => {
        throw new Error(toAppError(thrown).code)
      }),
  })
}
