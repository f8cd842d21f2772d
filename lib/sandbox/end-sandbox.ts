import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { isLive } from '#lib/sandbox/states.ts'
import { transition } from '#lib/sandbox/transition.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

const TRIES = 5

/**
 * Ends the user's sandbox; one that is ending or over already stays as it is. Its namespaces are gone when the view
 * says `ended`.
 * @throws AppError `not-found` for an unknown or foreign id
 */
export async function endSandbox({ userId, sandboxId }: { userId: string; sandboxId: string }): Promise<SandboxView> {
  for (let tries = 0; tries < TRIES; tries++) {
    const row = await db().sandbox.findFirst({ where: { id: sandboxId, userId } })
    if (!row) throw new AppError('not-found', `no sandbox ${sandboxId} of user ${userId}`)
    if (!isLive(row.state)) return getSandboxView({ userId, sandboxId })
    // Nothing of a queued one is in the cluster: it becomes `provisioning` before anything is created.
    const to = row.state === 'queued' ? 'ended' : 'ending'
    await transition(row, { to, reason: 'You ended it.', ...(to === 'ended' ? { endedAt: new Date() } : {}) })
  }
  throw new AppError('conflict', `sandbox ${sandboxId} kept changing while it was ended`)
}
