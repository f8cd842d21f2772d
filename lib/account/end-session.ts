import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'

/** Signs the user out of one of their sessions. @throws AppError `not-found` for an unknown or foreign id */
export async function endSession({ userId, sessionId }: { userId: string; sessionId: string }): Promise<void> {
  const { count } = await db().signIn.deleteMany({ where: { id: sessionId, userId } })
  if (count === 0) throw new AppError('not-found', `no session ${sessionId} of user ${userId}`)
}

/** Signs the user out everywhere, here too: no token that was issued before is worth anything after. */
export async function endAllSessions({ userId }: { userId: string }): Promise<void> {
  await db().$transaction([
    db().signIn.deleteMany({ where: { userId } }),
    db().user.update({ where: { id: userId }, data: { sessionVersion: { increment: 1 } } }),
  ])
}
