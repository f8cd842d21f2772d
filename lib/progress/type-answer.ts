import { activityTopic } from '#lib/checks/activity.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { ownTask } from '#lib/progress/own-task.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { publish } from '#lib/sandbox/publish.ts'
import { MAX_ANSWER_CHARS, type SandboxView } from '#lib/sandbox/view.ts'

/**
 * Keeps what the learner typed for a task of kind `answer`, and has it judged at once. The newest counts; white space around
 * it does not.
 * @throws AppError as `ownTask`; `bad-request` where the task takes no answer, or this can be none
 */
export async function typeAnswer(options: {
  userId: string
  sandboxId: string
  taskId: string
  value: string
}): Promise<SandboxView> {
  const { userId, sandboxId, taskId } = options
  const { task, attemptId } = await ownTask({ userId, sandboxId, taskId })
  if (task.kind !== 'answer') throw new AppError('bad-request', `task ${taskId} takes no answer`)
  const value = options.value.trim()
  if (value === '' || value.length > MAX_ANSWER_CHARS || /\p{Cc}/u.test(value) || !value.isWellFormed()) {
    throw new AppError('bad-request', `an answer of ${value.length} characters to ${taskId}`, {
      userMessage: `An answer is one line of at most ${MAX_ANSWER_CHARS} characters.`,
    })
  }
  const data = { value, answeredAt: new Date(), judgedAt: null }
  const key = { attemptId, taskId }
  await db().answer.upsert({ where: { attemptId_taskId: key }, create: { ...key, ...data }, update: data })
  publish(activityTopic(sandboxId, 'line'), `sandbox:${sandboxId}`)
  return getSandboxView({ userId, sandboxId })
}
