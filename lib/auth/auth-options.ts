import { createHash } from 'node:crypto'
import type { NextAuthOptions } from 'next-auth'
import { decode } from 'next-auth/jwt'
import { adapter } from '#lib/auth/adapter.ts'
import { beginSession } from '#lib/auth/begin-session.ts'
import { ownPath } from '#lib/auth/callback-url.ts'
import { providers } from '#lib/auth/providers.ts'
import { SESSION_MAX_AGE_SECONDS, sessionCookie, unrevoked } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'
import { logger } from '#lib/obs/logger.ts'

/** Who asks: next-auth calls back without the request. */
export type SignInRequest = {
  userAgent: string
  address: string
  action: string
  /** Awaited when somebody has signed in, before their browser knows. */
  onSignIn: (userId: string) => Promise<void>
}

/** How next-auth signs people in here. Everything else asks lib/auth/session.ts who they are. */
export function authOptions(request: SignInRequest): NextAuthOptions {
  const { name, secure } = sessionCookie()
  const cookie = (cookieName: string) => ({
    name: cookieName,
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure },
  })
  return {
    secret: env().NEXTAUTH_SECRET,
    adapter: adapter(),
    session: { strategy: 'jwt', maxAge: SESSION_MAX_AGE_SECONDS },
    jwt: {
      // With a session at hand next-auth links the new account to it, even when the session was revoked. Signing in
      // never links here: who signs in twice has signed in again.
      decode: async (token) => (request.action === 'callback' ? null : decode(token)),
    },
    pages: { signIn: '/signin', error: '/signin', signOut: '/', verifyRequest: '/signin?sent=1' },
    cookies: {
      sessionToken: cookie(name),
      csrfToken: cookie(name.replace('session', 'csrf')),
      callbackUrl: cookie(name.replace('session', 'callback')),
    },
    providers: providers(),
    callbacks: {
      signIn: ({ account, email }) =>
        email?.verificationRequest ? mayAskForMail(account?.providerAccountId ?? '', request.address) : true,
      async jwt({ token, user }) {
        if (user) {
          const session = await beginSession({ userId: user.id, userAgent: request.userAgent })
          await request.onSignIn(user.id)
          return session
        }
        // A renewal. Throwing makes next-auth clear the cookie.
        if (!(await unrevoked(token))) throw new Error('revoked session')
        return token
      },
      redirect: ({ url, baseUrl }) => baseUrl + ownPath(url, baseUrl),
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.sid === 'string') await db().signIn.deleteMany({ where: { id: token.sid } })
      },
    },
    logger: {
      // Its metadata may hold requests and tokens: only the error's own words are kept.
      error: (code, metadata) => logger().warn({ code, reason: reasonOf(metadata) }, 'sign-in failed'),
      warn: (code) => logger().debug({ code }, 'sign-in'),
      debug: () => undefined,
    },
  }
}

/** True, or the page that says why not: no mailbox is filled and no server is worn out by asking. */
async function mayAskForMail(address: string, from: string): Promise<true | string> {
  try {
    await rateLimit('mail-from', from)
    // Not the address itself: the counters' table is no list of people.
    await rateLimit('mail-to', createHash('sha256').update(address).digest('hex').slice(0, 32))
    return true
  } catch (thrown) {
    if (thrown instanceof AppError) return `${env().NEXTAUTH_URL}/signin?error=${thrown.code}`
    throw thrown
  }
}

function reasonOf(metadata: unknown): string | undefined {
  const error = metadata instanceof Error ? metadata : (metadata as { error?: unknown } | undefined)?.error
  return error instanceof Error ? error.message : undefined
}
