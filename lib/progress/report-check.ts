import { db } from '#lib/db/client.ts'
import { ownTask } from '#lib/progress/own-task.ts'
import { MAX_REPORT_CHARS } from '#lib/sandbox/view.ts'

/**
 * Keeps that a learner thinks a verdict wrong, with what the examiner said of the task last. One report for each task of a
 * sandbox: a second one takes the place of the first.
 * @throws AppError as `ownTask`
 */
export async function reportCheck(options: {
  userId: string
  sandboxId: string
  taskId: string
  text: string
}): Promise<{ reportedAt: string }> {
  const { sandboxId, taskId, text } = options
  const { attemptId } = await ownTask(options)
  const result = await db().taskResult.findUnique({ where: { attemptId_taskId: { attemptId, taskId } } })
  const key = { sandboxId, taskId }
  const data = {
    verdict: result?.verdict ?? null,
    evidence: result?.evidence ?? '',
    judgedAt: result?.evaluatedAt ?? null,
    text: text.trim().slice(0, MAX_REPORT_CHARS),
    reportedAt: new Date(),
  }
  await db().checkReport.upsert({ where: { sandboxId_taskId: key }, create: { ...key, ...data }, update: data })
  return { reportedAt: data.reportedAt.toISOString() }
}
