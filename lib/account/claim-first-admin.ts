import { createHash } from 'node:crypto'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { logger } from '#lib/obs/logger.ts'

type Claim = { userId: string; token: string }

/**
 * Makes the user the first administrator, with the token of the link that the start-up output shows; it is good once.
 * @throws AppError `forbidden` when the token is none, used or too old, or when there is an administrator already
 */
export async function claimFirstAdmin({ userId, token }: Claim): Promise<{ role: 'admin' }> {
  const hash = createHash('sha256').update(token).digest('hex')
  await db().$transaction(async (tx) => {
    // Whoever deletes the row has it: of two at once one does.
    const { count } = await tx.verificationToken.deleteMany({
      where: { identifier: 'first-admin', token: hash, expires: { gt: new Date() } },
    })
    if (count === 0 || (await tx.user.count({ where: { role: 'admin' } })) > 0) {
      throw new AppError('forbidden', `user ${userId} has no right to be the first administrator`, {
        userMessage:
          'This link is used up or too old, or there is an administrator already. If there is none, start Drydock again: it prints a new link.',
      })
    }
    await tx.user.update({ where: { id: userId }, data: { role: 'admin' } })
  })
  logger().info({ userId }, 'first administrator')
  return { role: 'admin' }
}
