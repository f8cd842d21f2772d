import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { offeredHints, parseFitting } from '#lib/sandbox/offered-hints.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { openedHints } from '#lib/sandbox/view-parts.ts'

type OpenHintOptions = { userId: string; attemptId: string; taskId: string; index?: number }

/**
 * Opens the next hint of a task, and remembers that it was opened. With `index`, the zero-based hint the page is about
 * to show, counted in the order in which they were opened: asking twice for the same one opens one. One whose `when` fits
 * what the examiner sees now comes before the others. Resolves with the attempt's newest sandbox, its hints included.
 * Throws `not-found` for an unknown task or someone else's attempt, `bad-request` when hints would be skipped or there
 * are no more.
 */
export async function openHint({ userId, attemptId, taskId, index }: OpenHintOptions): Promise<SandboxView> {
  const attempt = await db().attempt.findFirst({
    where: { id: attemptId, userId },
    select: {
      fittingHints: true,
      hintUses: { where: { taskId } },
      sandboxes: {
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: 1,
        select: { id: true, labVersion: { select: { definition: true } } },
      },
    },
  })
  const [sandbox] = attempt?.sandboxes ?? []
  if (!attempt || !sandbox) throw new AppError('not-found', `no attempt ${attemptId} of user ${userId}`)
  const sandboxId = sandbox.id
  const { lab } = parseDefinition(sandbox.labVersion.definition)
  if (!lab.tasks.some(({ id }) => id === taskId)) {
    throw new AppError('not-found', `attempt ${attemptId} has no task ${taskId}`)
  }
  const opened = openedHints(attempt.hintUses, taskId)
  const offered = offeredHints(lab.hints[taskId] ?? [], opened, parseFitting(attempt.fittingHints)[taskId] ?? [])
  const place = index ?? opened.length
  const wanted = offered[place]
  if (wanted === undefined || place > opened.length) {
    throw new AppError('bad-request', `hint ${place} of ${offered.length}, ${opened.length} opened`, {
      userMessage: wanted === undefined ? 'That was the last hint.' : 'Hints open one after the other.',
    })
  }
  // Two clicks at once open one hint: the key is the hint, and the second insert finds it there.
  const { count } = await db().hintUse.createMany({ data: { attemptId, taskId, index: wanted }, skipDuplicates: true })
  if (count > 0) publishSandbox(sandboxId)
  return getSandboxView({ userId, sandboxId })
}
