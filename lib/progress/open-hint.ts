import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type OpenHintOptions = { userId: string; attemptId: string; taskId: string; index?: number }

/**
 * Opens the next hint of a task, and remembers that it was opened. With `index`, the zero-based hint the page is about
 * to show: asking twice for the same one opens one. Resolves with the attempt's newest sandbox, its hints included.
 * Throws `not-found` for an unknown task or someone else's attempt, `bad-request` when hints would be skipped or there
 * are no more.
 */
export async function openHint({ userId, attemptId, taskId, index }: OpenHintOptions): Promise<SandboxView> {
  const attempt = await db().attempt.findFirst({
    where: { id: attemptId, userId },
    select: {
      hintUses: { where: { taskId }, select: { index: true } },
      sandboxes: { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: 1, select: { id: true } },
    },
  })
  const sandboxId = attempt?.sandboxes[0]?.id
  if (!attempt || !sandboxId) throw new AppError('not-found', `no attempt ${attemptId} of user ${userId}`)
  const view = await getSandboxView({ userId, sandboxId })
  const task = view.tasks.find(({ id }) => id === taskId)
  if (!task) throw new AppError('not-found', `attempt ${attemptId} has no task ${taskId}`)

  const opened = attempt.hintUses.length
  const wanted = index ?? opened
  if (wanted >= task.hintsTotal || wanted > opened) {
    throw new AppError('bad-request', `hint ${wanted} of ${task.hintsTotal}, ${opened} opened`, {
      userMessage: wanted >= task.hintsTotal ? 'That was the last hint.' : 'Hints open one after the other.',
    })
  }
  // Two clicks at once open one hint: the key is the hint, and the second insert finds it there.
  const { count } = await db().hintUse.createMany({ data: { attemptId, taskId, index: wanted }, skipDuplicates: true })
  if (count > 0) publishSandbox(sandboxId)
  return getSandboxView({ userId, sandboxId })
}
