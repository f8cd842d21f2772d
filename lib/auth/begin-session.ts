import { SESSION_MAX_AGE_SECONDS, type SessionToken } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'

const MAX_USER_AGENT = 300

/**
 * Writes down that this user has signed in with this browser, and resolves with what the session's token carries. An
 * address of ADMIN_EMAILS makes its owner an administrator: addresses in `User.email` have been verified.
 */
export async function beginSession(options: { userId: string; userAgent: string }): Promise<SessionToken> {
  const { userId } = options
  const user = await db().user.findUniqueOrThrow({ where: { id: userId }, select: { email: true, role: true } })
  const admin = user.email !== null && env().ADMIN_EMAILS.includes(user.email.toLowerCase())
  const lapsed = new Date(Date.now() - SESSION_MAX_AGE_SECONDS * 1000)
  const [, { sessionVersion }, { id: sid }] = await db().$transaction([
    db().signIn.deleteMany({ where: { userId, createdAt: { lt: lapsed } } }),
    db().user.update({
      where: { id: userId },
      data: admin ? { role: 'admin' } : {},
      select: { sessionVersion: true },
    }),
    db().signIn.create({
      data: { userId, userAgent: options.userAgent.slice(0, MAX_USER_AGENT) },
      select: { id: true },
    }),
  ])
  return { sub: userId, ver: sessionVersion, sid }
}
