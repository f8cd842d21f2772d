import { isDeepStrictEqual } from 'node:util'
import { readyTasks, type TaskStates } from '#lib/checks/evaluate.ts'
import type { Round, ScriptChecks } from '#lib/checks/script-checks.ts'
import type { Lab, Task } from '#lib/labs/schema.ts'
import { recordFittingHints } from '#lib/progress/record-fitting-hints.ts'
import type { FittingHints } from '#lib/sandbox/offered-hints.ts'

/** A hint is opened by a person, who has read the last verdict before: seconds are soon enough. */
const EVERY_MS = 3000

type HintChecksOptions = {
  sandboxId: string
  attemptId: string
  tasks: Task[]
  hints: Lab['hints']
  scripts: ScriptChecks
}

/** Hints with a `when`: which of them fit what is there, for the tasks that are not done yet. */
export class HintChecks {
  readonly #options: HintChecksOptions
  #known: FittingHints | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: HintChecksOptions) {
    this.#options = options
  }

  get any(): boolean {
    return Object.values(this.#options.hints).some((hints) => hints.some((hint) => typeof hint !== 'string'))
  }

  /** Asks again, if it is time to, and stores what is different. @throws AppError when the examiner is out of reach */
  async look(states: TaskStates, round: Round): Promise<void> {
    if (!this.any || performance.now() - this.#lookedAt < EVERY_MS) return
    const { sandboxId, attemptId, tasks, hints, scripts } = this.#options
    const open = readyTasks(tasks, states).filter(({ id }) => states.get(id)?.passedSince == null)
    const asked = open.flatMap((task) =>
      (hints[task.id] ?? []).flatMap((hint, index) => (typeof hint === 'string' ? [] : [{ task, hint, index }])),
    )
    const fits = await Promise.all(asked.map(({ task, hint }) => scripts.fits(task, hint, round)))
    this.#lookedAt = performance.now()
    const fitting: FittingHints = {}
    for (const { task, index } of asked.filter((_, at) => fits[at])) {
      fitting[task.id] = [...(fitting[task.id] ?? []), index]
    }
    if (isDeepStrictEqual(fitting, this.#known)) return
    await recordFittingHints({ sandboxId, attemptId, fitting })
    this.#known = fitting
  }
}
