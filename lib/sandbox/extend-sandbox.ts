import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { labTimes, MAX_EXTENSIONS } from '#lib/sandbox/duration.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import { isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/**
 * Prolongs a usable sandbox by the lab's extension, up to ten times.
 * @throws AppError `not-found` for an unknown or foreign id, `gone` when it is over, `limit-reached` after ten times,
 * `conflict` when something else changed it at the same moment
 */
export async function extendSandbox({
  userId,
  sandboxId,
}: {
  userId: string
  sandboxId: string
}): Promise<SandboxView> {
  const row = await db().sandbox.findFirst({ where: { id: sandboxId, userId }, include: { labVersion: true } })
  if (!row) throw new AppError('not-found', `no sandbox ${sandboxId} of user ${userId}`)
  if (!isUsable(row.state)) {
    throw new AppError('gone', `sandbox ${sandboxId} is ${row.state}`, {
      userMessage: 'Only a lab that is running can be extended.',
    })
  }
  if (row.extensions >= MAX_EXTENSIONS) {
    throw new AppError('limit-reached', `sandbox ${sandboxId} was extended ${row.extensions} times`, {
      userMessage: `This lab was extended ${MAX_EXTENSIONS} times, which is as often as it goes. Reset it to go on.`,
    })
  }
  const { extendMs } = labTimes(parseDefinition(row.labVersion.definition).lab)
  const { count } = await db().sandbox.updateMany({
    where: { id: sandboxId, fence: row.fence },
    data: {
      expiresAt: new Date(row.expiresAt.getTime() + extendMs),
      extensions: { increment: 1 },
      fence: { increment: 1 },
    },
  })
  if (count === 0) throw new AppError('conflict', `sandbox ${sandboxId} changed while it was extended`)
  publishSandbox(sandboxId)
  return getSandboxView({ userId, sandboxId })
}
