import { PrismaAdapter } from '@auth/prisma-adapter'
import type { NextAuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { safeCallbackPath } from '#lib/auth/callback-url.ts'
import { devSignIn } from '#lib/auth/dev-sign-in.ts'
import { SESSION_MAX_AGE_SECONDS, sessionCookie, unrevoked } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { toAppError } from '#lib/errors.ts'

/** How next-auth signs people in here. Everything else asks lib/auth/session.ts who they are. */
export function authOptions(): NextAuthOptions {
  const { name, secure } = sessionCookie()
  const cookie = (cookieName: string) => ({
    name: cookieName,
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure },
  })
  return {
    secret: env().NEXTAUTH_SECRET,
    // The adapter's type names another version of the same interface; it runs with next-auth 4 (decision 0003).
    adapter: PrismaAdapter(db()) as NonNullable<NextAuthOptions['adapter']>,
    session: { strategy: 'jwt', maxAge: SESSION_MAX_AGE_SECONDS },
    pages: { signIn: '/signin', error: '/signin', signOut: '/' },
    cookies: {
      sessionToken: cookie(name),
      csrfToken: cookie(name.replace('session', 'csrf')),
      callbackUrl: cookie(name.replace('session', 'callback')),
    },
    providers: env().AUTH_DEV ? [devProvider()] : [],
    callbacks: {
      async jwt({ token, user }) {
        if (user) return { sub: user.id, ver: (user as { sessionVersion?: number }).sessionVersion ?? 0 }
        // A renewal. Throwing makes next-auth clear the cookie.
        if (!(await unrevoked(token.sub ?? '', Number(token.ver)))) throw new Error('revoked session')
        return token
      },
      redirect: ({ url, baseUrl }) =>
        baseUrl + safeCallbackPath(url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url),
    },
  }
}

function devProvider() {
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
