import { db } from '#lib/db/client.ts'
import { lockStarts, PATIENCE } from '#lib/sandbox/start-sandbox.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'

/** So long after their last machine a guest may still sign in and keep what they did. */
const KEPT_MS = 60 * 60_000
/** Nobody waits for a queued machine who was not seen for so long; a page that is open is seen every five minutes. */
const ABSENT_MS = 15 * 60_000

/**
 * Ends what absent guests wait for, and deletes guests whose machines have ended an hour ago, with all rows of theirs.
 * Any number of processes may do it. Resolves with how many were deleted.
 */
export async function sweepGuests({ now = new Date() } = {}): Promise<number> {
  const before = (ms: number) => new Date(now.getTime() - ms)
  await db().sandbox.updateMany({
    where: {
      state: 'queued',
      createdAt: { lt: before(ABSENT_MS) },
      user: { role: 'guest', signIns: { none: { lastSeenAt: { gte: before(ABSENT_MS) } } } },
    },
    data: { state: 'ended', reason: 'Nobody waited for it any more.', endedAt: now, fence: { increment: 1 } },
  })
  const { count } = await db().$transaction(async (tx) => {
    // A guest who starts again, or signs in, at this moment is not deleted under it.
    await lockStarts(tx)
    return tx.user.deleteMany({
      where: {
        role: 'guest',
        createdAt: { lt: before(KEPT_MS) },
        sandboxes: {
          none: { OR: [{ state: { in: [...LIVE_STATES, 'ending'] } }, { endedAt: { gte: before(KEPT_MS) } }] },
        },
      },
    })
  }, PATIENCE)
  return count
}
