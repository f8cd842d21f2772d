import { decode } from 'next-auth/jwt'
import { z } from 'zod'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'

type Session<Role extends string> = {
  id: string
  name: string
  role: Role
  /** The id of the session itself, one per sign-in. */
  sessionId: string
}
/** Someone with an account. */
export type SessionUser = Session<'learner' | 'author' | 'instructor' | 'admin'>
/** Whoever has a session: someone with an account, or a guest, who may do next to nothing. */
export type Visitor = SessionUser | Session<'guest'>

/** What a person is called who has no name. */
export const UNNAMED = 'No name'

/** Seconds a sign-in lasts. */
export const SESSION_MAX_AGE_SECONDS = 30 * 24 * 60 * 60

/** A use is written down when the last one is older than this: often enough for a list of devices. */
const SEEN_EVERY_MS = 5 * 60_000

/** What our tokens carry: the user, their `sessionVersion` when the token was issued, and the row of this sign-in. */
const claims = z.object({ sub: z.string().min(1), ver: z.number().int(), sid: z.string().min(1) })
export type SessionToken = z.output<typeof claims>

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

/** Whose unexpired and unrevoked session this Cookie header carries, guests too, or null. */
export async function sessionVisitor(cookieHeader: string | undefined): Promise<Visitor | null> {
  const token = cookieValue(cookieHeader, sessionCookie().name)
  if (!token) return null
  return unrevoked(await decode({ token, secret: env().NEXTAUTH_SECRET }).catch(() => null))
}

/** The same visitor if they have an account; a guest is nobody to all that asks for a person. */
export const personOf = (visitor: Visitor | null): SessionUser | null => (visitor?.role === 'guest' ? null : visitor)

/**
 * The user of a decoded token, or null: raising `sessionVersion` revokes every token issued before, deleting the row of
 * a sign-in revokes that one.
 */
export async function unrevoked(token: unknown): Promise<Visitor | null> {
  const session = claims.safeParse(token)
  if (!session.success) return null
  const { sub, ver, sid } = session.data
  const row = await db().signIn.findFirst({
    where: { id: sid, userId: sub, user: { sessionVersion: ver } },
    select: { lastSeenAt: true, user: { select: { id: true, name: true, role: true } } },
  })
  if (!row) return null
  const now = new Date()
  if (now.getTime() - row.lastSeenAt.getTime() > SEEN_EVERY_MS) {
    await db().signIn.updateMany({ where: { id: sid }, data: { lastSeenAt: now } })
  }
  return { ...row.user, name: row.user.name ?? UNNAMED, sessionId: sid }
}
