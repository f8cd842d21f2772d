import { setTimeout as sleep } from 'node:timers/promises'
import { UNNAMED } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { logger } from '#lib/obs/logger.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'

/** How long the cluster gets to take the machines away before the rows go all the same. */
const WAIT_MS = 15_000
const POLL_MS = 200

const same = (typed: string, value: string | null) =>
  value !== null && typed.normalize('NFC').trim().toLowerCase() === value.normalize('NFC').trim().toLowerCase()

/**
 * Deletes the user and every row of theirs; `typed` must be their name or address. Live sandboxes are ended first and
 * given a moment to go. Where the cluster needs longer the rows go first, and the reconciler's sweep deletes the
 * namespaces, since no row knows them any more. Every session ends with the rows.
 * @throws AppError `bad-request` when `typed` is neither, and then nothing has changed
 */
export async function deleteAccount(options: { userId: string; typed: string; waitMs?: number }): Promise<void> {
  const { userId, typed, waitMs = WAIT_MS } = options
  const user = await db().user.findUniqueOrThrow({ where: { id: userId }, select: { name: true, email: true } })
  if (!same(typed, user.name ?? UNNAMED) && !same(typed, user.email)) {
    throw new AppError('bad-request', 'the deletion was not confirmed', {
      userMessage: 'That is not your name or address. Nothing was deleted.',
    })
  }
  await endMachines(userId, waitMs)
  await db().$transaction([
    // Attempts, sandboxes, verdicts, visits, accounts and sessions go with it. Twice at once is once.
    db().user.deleteMany({ where: { id: userId } }),
    db().verificationToken.deleteMany({ where: { identifier: user.email ?? '' } }),
    db().rateLimit.deleteMany({ where: { key: { endsWith: `:${userId}` } } }),
  ])
  logger().info({ userId }, 'account deleted')
}

async function endMachines(userId: string, waitMs: number): Promise<void> {
  const live = await db().sandbox.findMany({ where: { userId, state: { in: [...LIVE_STATES] } }, select: { id: true } })
  for (const { id: sandboxId } of live) {
    await endSandbox({ userId, sandboxId }).catch((err: unknown) =>
      logger().warn({ err, sandboxId }, 'not ended before its account is deleted; the sweep will take it'),
    )
  }
  const deadline = performance.now() + waitMs
  while ((await db().sandbox.count({ where: { userId, state: 'ending' } })) > 0 && performance.now() < deadline) {
    await sleep(POLL_MS)
  }
}
