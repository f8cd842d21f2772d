import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'

/**
 * Lets the learner see the reference solution of an attempt. Before the solve this marks the attempt assisted, for good.
 * Throws `not-found` for an unknown or foreign attempt.
 */
export async function revealSolution(owned: { userId: string; attemptId: string }): Promise<{ assisted: boolean }> {
  const where = { id: owned.attemptId, userId: owned.userId }
  // The condition and the mark are one statement: a solve at the same moment is either before or after it.
  await db().attempt.updateMany({ where: { ...where, solvedAt: null }, data: { assisted: true } })
  const attempt = await db().attempt.findFirst({ where, select: { assisted: true } })
  if (!attempt) throw new AppError('not-found', `no attempt ${owned.attemptId} of user ${owned.userId}`)
  return attempt
}
