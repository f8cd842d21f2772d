import { db } from '#lib/db/client.ts'

/** What was typed, by task. `answeredAt` names this very answer. */
export type TypedAnswers = ReadonlyMap<string, { value: string; answeredAt: Date }>

/** What the learner of an attempt has typed so far. */
export async function loadAnswers(attemptId: string): Promise<TypedAnswers> {
  const rows = await db().answer.findMany({ where: { attemptId } })
  return new Map(rows.map(({ taskId, value, answeredAt }) => [taskId, { value, answeredAt }]))
}

/** Remembers that verdicts on these answers are stored. One that was typed since is another. Resolves with how many were new. */
export async function markJudged(attemptId: string, answers: TypedAnswers): Promise<number> {
  const marked = await Promise.all(
    [...answers].map(([taskId, { answeredAt }]) =>
      db().answer.updateMany({
        where: { attemptId, taskId, answeredAt, judgedAt: null },
        data: { judgedAt: new Date() },
      }),
    ),
  )
  return marked.reduce((sum, { count }) => sum + count, 0)
}
