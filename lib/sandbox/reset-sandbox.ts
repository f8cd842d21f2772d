import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import { createSandbox, type LoadLab, lockStarts, PATIENCE } from '#lib/sandbox/start-sandbox.ts'
import { isLive } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/**
 * Ends the sandbox and starts a fresh one of the same attempt, in one transaction; resolves with the fresh one's view.
 * @throws AppError `not-found` for an unknown or foreign id, `gone` when it is over, `conflict` when something else
 * changed it at the same moment
 */
export async function resetSandbox(options: {
  userId: string
  sandboxId: string
  loadLab: LoadLab
}): Promise<SandboxView> {
  const { userId, sandboxId, loadLab } = options
  const row = await db().sandbox.findFirst({ where: { id: sandboxId, userId } })
  if (!row) throw new AppError('not-found', `no sandbox ${sandboxId} of user ${userId}`)
  if (!isLive(row.state)) throw new AppError('gone', `sandbox ${sandboxId} is ${row.state}`)
  const loaded = await loadLab(row.labId)
  if (!loaded) throw new AppError('not-found', `there is no lab ${row.labId} any more`)
  const { labId, attemptId, fence } = row
  const fresh = await db().$transaction(async (tx) => {
    await lockStarts(tx)
    const { count } = await tx.sandbox.updateMany({
      where: { id: sandboxId, fence, state: row.state },
      data: { state: 'ending', reason: 'You reset it.', fence: { increment: 1 } },
    })
    if (count === 0) throw new AppError('conflict', `sandbox ${sandboxId} changed while it was reset`)
    return createSandbox(tx, { userId, labId, attemptId, loaded })
  }, PATIENCE)
  publishSandbox(sandboxId)
  publishSandbox(fresh.id)
  return getSandboxView({ userId, sandboxId: fresh.id })
}
