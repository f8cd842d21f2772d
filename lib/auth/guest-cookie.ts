import { encode } from 'next-auth/jwt'
import { type SessionToken, sessionCookie } from '#lib/auth/session.ts'
import { env } from '#lib/env.ts'

/** Longer than a guest is kept: the rows decide, not the browser. */
const MAX_AGE_SECONDS = 24 * 60 * 60

/** The session cookie as a sign-in sets it, for somebody who has not signed in. */
export async function guestCookie(token: SessionToken) {
  const value = await encode({ token, secret: env().NEXTAUTH_SECRET, maxAge: MAX_AGE_SECONDS })
  const options = { httpOnly: true, sameSite: 'lax' as const, path: '/', maxAge: MAX_AGE_SECONDS }
  return { ...sessionCookie(), value, ...options }
}
