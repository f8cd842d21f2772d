import { db } from '#lib/db/client.ts'
import { budgetFor } from '#lib/sandbox/duration.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import { lockStarts, PATIENCE, type Tx } from '#lib/sandbox/start-sandbox.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'

/**
 * Gives what a guest did to the account that they have signed in to: attempts with results and hints, and the machine as
 * it runs, which from then on has an account's time. Rows change hands whole and none are merged, so nothing that the
 * account had can be overwritten. Where a machine of the same lab runs in the account already, that one stays and the
 * guest's ends; its results are kept all the same. The guest is gone after, so a second call finds nothing.
 */
export async function keepGuestWork({ guestId, userId }: { guestId: string; userId: string }): Promise<void> {
  const touched = await db().$transaction(async (tx) => {
    await lockStarts(tx)
    const guest = await tx.user.findFirst({ where: { id: guestId, role: 'guest' }, select: { id: true } })
    if (!guest) return null
    const live = await handOver(tx, { guestId, userId })
    await tx.attempt.updateMany({ where: { userId: guestId }, data: { userId } })
    await tx.sandbox.updateMany({ where: { userId: guestId }, data: { userId } })
    await tx.user.delete({ where: { id: guestId } })
    return live
  }, PATIENCE)
  if (touched) publishSandbox(touched)
}

/** Makes the guest's live machine, if there is one, fit for the account. Resolves with its id. */
async function handOver(tx: Tx, { guestId, userId }: { guestId: string; userId: string }): Promise<string | null> {
  // Held until the end: a reconciler that moves it at the same moment finds another fence, and looks again.
  await tx.$queryRaw`select 1 from "Sandbox" where "userId" = ${guestId} for update`
  const live = await tx.sandbox.findFirst({
    where: { userId: guestId, state: { in: LIVE_STATES } },
    include: { labVersion: true },
  })
  if (!live) return null
  const { id, labId, state, readyAt } = live
  const taken = await tx.sandbox.count({ where: { userId, labId, state: { in: LIVE_STATES } } })
  const { role } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { role: true } })
  const budgetMs = budgetFor({ role }, parseDefinition(live.labVersion.definition).lab)
  const ending = { reason: 'You signed in, and had a machine of this lab already.' }
  const change = !taken
    ? { ...(readyAt && { expiresAt: new Date(readyAt.getTime() + budgetMs) }) }
    : state === 'queued'
      ? { ...ending, state: 'ended' as const, endedAt: new Date() }
      : { ...ending, state: 'ending' as const }
  await tx.sandbox.update({ where: { id }, data: { ...change, fence: { increment: 1 } } })
  return id
}
