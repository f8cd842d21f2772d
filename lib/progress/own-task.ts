import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import type { Task } from '#lib/labs/schema.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { isUsable } from '#lib/sandbox/states.ts'

/**
 * A task of the user's running sandbox. @throws AppError `not-found` for an unknown or foreign sandbox and for a task its lab
 * does not have, `conflict` while the machine is made, `gone` after
 */
export async function ownTask(options: {
  userId: string
  sandboxId: string
  taskId: string
}): Promise<{ task: Task; attemptId: string }> {
  const { userId, sandboxId, taskId } = options
  const row = await db().sandbox.findFirst({ where: { id: sandboxId, userId }, include: { labVersion: true } })
  const task = row && parseDefinition(row.labVersion.definition).lab.tasks.find(({ id }) => id === taskId)
  if (!task) throw new AppError('not-found', `no task ${taskId} in sandbox ${sandboxId} of user ${userId}`)
  if (isUsable(row.state)) return { task, attemptId: row.attemptId }
  const made = row.state === 'queued' || row.state === 'provisioning'
  throw new AppError(made ? 'conflict' : 'gone', `sandbox ${sandboxId} is ${row.state}`, {
    userMessage: made ? 'The machine is still being made.' : 'That needs a running machine, and this one has ended.',
  })
}
