import { decode } from 'next-auth/jwt'
import { z } from 'zod'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'

export type SessionUser = { id: string; name: string; role: 'learner' | 'author' | 'instructor' | 'admin' }

/** Seconds a sign-in lasts. */
export const SESSION_MAX_AGE_SECONDS = 30 * 24 * 60 * 60

/** What our tokens carry: the user, and the `sessionVersion` of that user when the token was issued. */
const claims = z.object({ sub: z.string().min(1), ver: z.number().int() })

/**
 * The session cookie's name and whether it is for https only. Cookies do not tell ports apart, so on plain http the
 * port is part of the name: two Drydocks side by side on one machine keep their own sign-ins.
 */
export function sessionCookie(publicUrl = env().NEXTAUTH_URL): { name: string; secure: boolean } {
  const { protocol, port } = new URL(publicUrl)
  if (protocol === 'https:') return { name: '__Host-drydock.session', secure: true }
  return { name: `drydock.session.${port || '80'}`, secure: false }
}

/** One cookie's value out of a Cookie header, or undefined. The first wins, as browsers send the most specific first. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const cut = pair.indexOf('=')
    if (cut > 0 && pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim()
  }
  return undefined
}

/** The user whose unexpired and unrevoked session this Cookie header carries, or null. */
export async function sessionUser(cookieHeader: string | undefined): Promise<SessionUser | null> {
  const token = cookieValue(cookieHeader, sessionCookie().name)
  if (!token) return null
  const payload = await decode({ token, secret: env().NEXTAUTH_SECRET }).catch(() => null)
  const session = claims.safeParse(payload)
  if (!session.success) return null
  return unrevoked(session.data.sub, session.data.ver)
}

/** The user with this id, unless the session version has moved on: raising it revokes every token issued before. */
export async function unrevoked(userId: string, sessionVersion: number): Promise<SessionUser | null> {
  const user = await db().user.findUnique({
    where: { id: userId, sessionVersion },
    select: { id: true, name: true, role: true },
  })
  return user && { ...user, name: user.name ?? 'No name' }
}
