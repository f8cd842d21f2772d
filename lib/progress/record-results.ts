import type { VerdictValue } from '#generated/prisma/client.ts'
import type { Evaluation, TaskState, VerdictWord } from '#lib/checks/evaluate.ts'
import { db } from '#lib/db/client.ts'
import { publish } from '#lib/sandbox/publish.ts'
import { verdictWord } from '#lib/sandbox/view-parts.ts'

const STORED: Record<VerdictWord, VerdictValue> = { pass: 'pass', 'not-yet': 'notYet', broken: 'broken' }

/** `detail`: what the check printed, or why it is broken; for its author. */
export type JudgedEvaluation = Evaluation & { durationMs: number; checkerVersion: string; detail?: string }

/**
 * Stores one round: each of these evaluations as a Verdict, a TaskResult for each task that changed, and the moment of the solve,
 * once. A sandbox that is not usable any more takes no verdict. Resolves with whether it was stored.
 */
export async function recordResults(options: {
  sandboxId: string
  attemptId: string
  evaluations: JudgedEvaluation[]
  changed: TaskState[]
  solvedAt: Date | null
}): Promise<boolean> {
  const { sandboxId, attemptId, evaluations, changed, solvedAt } = options
  const stored = await db().$transaction(async (tx) => {
    const usable = await tx.$queryRaw<unknown[]>`select 1 from "Sandbox" where "id" = ${sandboxId}
      and "attemptId" = ${attemptId} and "state" in ('ready', 'degraded') for share`
    if (usable.length === 0) return null
    await tx.verdict.createMany({
      data: evaluations.map(({ verdict, at, continuous: _, values: __, ...rest }) => ({
        ...rest,
        sandboxId,
        verdict: STORED[verdict],
        evaluatedAt: at,
      })),
    })
    for (const { taskId, verdict, ...state } of changed) {
      const data = { ...state, verdict: STORED[verdict] }
      await tx.taskResult.upsert({
        where: { attemptId_taskId: { attemptId, taskId } },
        create: { ...data, attemptId, taskId },
        update: data,
      })
    }
    if (!solvedAt) return { solved: false }
    const { count } = await tx.attempt.updateMany({ where: { id: attemptId, solvedAt: null }, data: { solvedAt } })
    return { solved: count === 1 }
  })
  if (stored && (changed.length > 0 || stored.solved)) publish(`sandbox:${sandboxId}`)
  return stored !== null
}

/** What is known of an attempt's tasks; a pass as it was last seen in this sandbox, and which of them were seen here. */
export async function loadTaskStates(options: {
  sandboxId: string
  attemptId: string
}): Promise<{ states: Map<string, TaskState>; passedHere: Set<string> }> {
  const { sandboxId, attemptId } = options
  const results = await db().taskResult.findMany({ where: { attemptId } })
  const newest = await db().verdict.groupBy({
    by: ['taskId'],
    where: { sandboxId, verdict: 'pass' },
    _max: { evaluatedAt: true },
  })
  const seenAt = new Map(newest.map(({ taskId, _max }) => [taskId, _max.evaluatedAt]))
  const states = new Map(
    results.map(({ attemptId: _, verdict, values, ...state }) => [
      state.taskId,
      {
        ...state,
        verdict: verdictWord(verdict),
        values: values as Record<string, string>,
        evaluatedAt: seenAt.get(state.taskId) ?? state.evaluatedAt,
      },
    ]),
  )
  return { states, passedHere: new Set(newest.map(({ taskId }) => taskId)) }
}
