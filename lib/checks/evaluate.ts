import { isDeepStrictEqual } from 'node:util'
import type { Task } from '#lib/labs/schema.ts'

export type VerdictWord = 'pass' | 'not-yet' | 'broken'

/**
 * One evaluation as it was reported. `continuous`: whatever was true at the task's last evaluation was true until now, as
 * every change would have been told. `values`: what a script said by `value`.
 */
export type Evaluation = {
  taskId: string
  verdict: VerdictWord
  evidence: string
  at: Date
  continuous?: boolean
  values?: Record<string, string>
}

/** The latest word on a task, in the shape of a TaskResult row. */
export type TaskState = {
  taskId: string
  verdict: VerdictWord
  evidence: string
  /** What the script said by `value` when it passed last. */
  values: Record<string, string>
  firstPassAt: Date | null
  passedSince: Date | null
  passedUntil: Date | null
  evaluatedAt: Date
}

export type TaskStates = ReadonlyMap<string, TaskState>
type Needs = Pick<Task, 'id' | 'needs'>

/**
 * What one evaluation makes of a task. A pass begins or goes on; `not-yet` ends one and keeps until when it held; `broken` says
 * nothing about the learner's work, so it never takes a pass away.
 */
export function afterEvaluation(
  before: TaskState | undefined,
  { taskId, verdict, evidence, at, continuous = false, values = {} }: Evaluation,
): TaskState {
  const { firstPassAt = null, passedSince = null, passedUntil = null } = before ?? {}
  const common = { taskId, evidence, evaluatedAt: at, values: verdict === 'pass' ? values : (before?.values ?? {}) }
  switch (verdict) {
    case 'pass':
      return {
        ...common,
        verdict,
        firstPassAt: firstPassAt ?? at,
        passedSince: passedSince ?? at,
        passedUntil: null,
      }
    case 'not-yet':
      return {
        ...common,
        verdict,
        firstPassAt,
        passedSince: null,
        passedUntil: passedSince ? (continuous ? at : (before?.evaluatedAt ?? at)) : passedUntil,
      }
    case 'broken':
      // `evaluatedAt` stays too: it is the moment at which the pass was last seen.
      if (before?.passedSince) return before
      return { ...common, verdict, firstPassAt, passedSince: null, passedUntil }
  }
}

/** Applies evaluations in order. `changed` are the tasks a learner would see differently. Pure. */
export function evaluate(
  before: TaskStates,
  evaluations: Evaluation[],
): { states: Map<string, TaskState>; changed: TaskState[] } {
  const states = new Map(before)
  const changed = new Map<string, TaskState>()
  for (const evaluation of evaluations) {
    const was = states.get(evaluation.taskId)
    const is = afterEvaluation(was, evaluation)
    states.set(is.taskId, is)
    const same = was?.verdict === is.verdict && was.evidence === is.evidence && isDeepStrictEqual(was.values, is.values)
    if (!same) changed.set(is.taskId, is)
  }
  return { states, changed: [...changed.values()] }
}

/** Tasks worth evaluating: those whose needs hold, and those that held, as they may stop to. */
export function readyTasks<T extends Needs>(tasks: T[], states: TaskStates): T[] {
  const holds = (id: string) => states.get(id)?.passedSince != null
  return tasks.filter((task) => holds(task.id) || task.needs.every(holds))
}

/** Every task was seen to pass in this one round of evaluations; what was broken or not evaluated counts as not seen. */
export function allHold(tasks: Needs[], round: Evaluation[]): boolean {
  const passing = new Set(round.filter(({ verdict }) => verdict === 'pass').map(({ taskId }) => taskId))
  return round.every(({ verdict }) => verdict === 'pass') && tasks.every(({ id }) => passing.has(id))
}
