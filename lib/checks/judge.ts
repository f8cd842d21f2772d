import { allHold, evaluate, readyTasks, type TaskState } from '#lib/checks/evaluate.ts'
import type { NeedValues } from '#lib/checks/kubernetes-check.ts'
import { StableWindow } from '#lib/checks/stable-window.ts'
import { durationSeconds } from '#lib/labs/duration.ts'
import type { Task } from '#lib/labs/schema.ts'
import type { JudgedEvaluation } from '#lib/progress/record-results.ts'

export type JudgeOptions = {
  tasks: Task[]
  states: Map<string, TaskState>
  /** Tasks that passed in this very sandbox: what an earlier one of the attempt showed is not kept. */
  passedHere: Set<string>
  /** What a Kubernetes check says now; null while nothing is known. */
  look: (task: Task, needs: NeedValues) => JudgedEvaluation | null
  /** A monotonic clock, in milliseconds. */
  now: () => number
}

/** What is to be stored. Call `accept` once it is: until then the judge has not moved. */
export type Judged = {
  evaluations: JudgedEvaluation[]
  changed: TaskState[]
  solved: boolean
  /** A task's verdict is another than before. */
  turned: boolean
  /** Another look is due at once: scripts have become ready, or all tasks hold and a whole round has yet to see it. */
  soon: boolean
  /** Another look is due in so many milliseconds, even if nothing changes. */
  againInMs: number | null
  accept: () => void
}

/** A check that is broken is looked at again after so long. */
const BROKEN_AGAIN_MS = 2000

/** Decides what evaluations are worth: modes, needs, and the moment at which a lab is solved. Knows no clock and no store. */
export class Judge {
  readonly #options: JudgeOptions
  /** Those that are judged in rounds, by scripts most of them. */
  readonly #scripted: Task[]
  readonly #watched: Task[]
  readonly #windows = new Map<string, StableWindow>()
  #states: Map<string, TaskState>
  #heldBefore = false
  /** Scripts that were just run, while others have become ready by what they said. */
  #justRun: ReadonlySet<string> = new Set()
  /** What scripts said by `value`, for the tasks that need them. */
  readonly needs: NeedValues

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#states = options.states
    const held = [...options.states.values()].filter(({ passedSince }) => passedSince !== null)
    this.needs = Object.fromEntries(held.map(({ taskId, values }) => [taskId, values]))
    this.#scripted = options.tasks.filter(({ check }) => !check.kubernetes)
    this.#watched = options.tasks.filter(({ check }) => check.kubernetes)
  }

  /** The latest word on each task. */
  get states(): ReadonlyMap<string, TaskState> {
    return this.#states
  }

  /** The scripts to be run now: right after others made them ready, those alone; else all that are ready. */
  get dueScripts(): Task[] {
    return this.#waiting(this.#states, this.#justRun)
  }

  /**
   * `round`: what the scripts that were due said; null where only objects changed. A lab is solved when two rounds on end
   * saw every task pass: whatever was judged first in the second round still held after everything had been judged in the
   * first. Objects are known at every moment: one that does not hold between two rounds makes the first of them void, and
   * a lab without scripts is solved at once.
   */
  judge(round: JudgedEvaluation[] | null): Judged {
    const waits: number[] = []
    const scripts = (round ?? []).map((evaluation) => this.#counted(evaluation, waits))
    const scripted = evaluate(this.#states, scripts)
    const objects = this.#lookAtObjects(scripted.states, waits)
    const changed = [...scripted.changed, ...objects.changed]
    const all = [...scripts, ...objects.evaluations]
    const whole = (round !== null && this.#justRun.size === 0) || this.#scripted.length === 0
    const holds = this.#hold(whole ? this.#options.tasks : this.#watched, all)
    const told = new Set(changed.map(({ taskId }) => taskId))
    const { passedHere, tasks } = this.#options
    const run = new Set([...this.#justRun, ...scripts.map(({ taskId }) => taskId)])
    const unlocked = round !== null && this.#waiting(objects.states, run).length > 0
    const done = changed.length > 0 && tasks.every(({ id }) => objects.states.get(id)?.passedSince != null)
    const turned = changed.some(({ taskId, verdict }) => verdict !== this.#states.get(taskId)?.verdict)
    const news = ({ taskId, verdict }: JudgedEvaluation) =>
      told.has(taskId) || (verdict === 'pass' && !passedHere.has(taskId))
    return {
      evaluations: [...scripts, ...objects.evaluations.filter(news)],
      changed,
      turned,
      solved: whole && holds && (this.#heldBefore || this.#scripted.length === 0),
      soon: round === null ? changed.length > 0 : unlocked || done || (whole && holds && !this.#heldBefore),
      againInMs: waits.length > 0 ? Math.min(...waits) : null,
      accept: () => {
        this.#states = objects.states
        this.#heldBefore = whole ? holds : holds && this.#heldBefore
        if (round !== null) this.#justRun = unlocked ? run : new Set()
        for (const { taskId, verdict } of all) if (verdict === 'pass') passedHere.add(taskId)
      },
    }
  }

  /** Every Kubernetes check that is ready, and those that become ready as others pass. */
  #lookAtObjects(from: Map<string, TaskState>, waits: number[]) {
    const evaluations: JudgedEvaluation[] = []
    const changed: TaskState[] = []
    const left = new Set(this.#watched)
    for (let states = from; ; ) {
      const due = this.#due([...left], states)
      if (due.length === 0) return { evaluations, changed, states }
      for (const task of due) left.delete(task)
      const seen = due.flatMap((task) => this.#options.look(task, this.needs) ?? [])
      const counted = seen.map((evaluation) => this.#counted(evaluation, waits))
      // Nothing of the learner's has to change for it: it is our trouble.
      if (counted.some(({ verdict }) => verdict === 'broken')) waits.push(BROKEN_AGAIN_MS)
      const after = evaluate(states, counted)
      evaluations.push(...counted)
      changed.push(...after.changed)
      states = after.states
    }
  }

  /** Scripts that are ready, but for these. */
  #waiting(states: Map<string, TaskState>, run: ReadonlySet<string>): Task[] {
    return this.#due(this.#scripted, states).filter(({ id }) => !run.has(id))
  }

  /** Ready tasks but those whose passing moment was kept. */
  #due(tasks: Task[], states: Map<string, TaskState>): Task[] {
    return readyTasks(tasks, states).filter((task) => !this.#kept(task))
  }

  readonly #kept = ({ id, mode }: Task): boolean => mode?.once === true && this.#options.passedHere.has(id)

  #hold(tasks: Task[], evaluations: JudgedEvaluation[]): boolean {
    return allHold(
      tasks.filter((task) => !this.#kept(task)),
      evaluations,
    )
  }

  /** What an evaluation counts for in a task that must stay so for a while. */
  #counted(evaluation: JudgedEvaluation, waits: number[]): JudgedEvaluation {
    const { taskId, evidence, continuous } = evaluation
    const length = this.#options.tasks.find(({ id }) => id === taskId)?.mode?.stableFor
    if (length === undefined) return evaluation
    const window = this.#window(taskId, length)
    if (continuous === false) window.lost()
    const { verdict, againInMs } = window.judge(evaluation.verdict, this.#options.now())
    if (againInMs === null) return { ...evaluation, verdict }
    waits.push(againInMs)
    return { ...evaluation, verdict, evidence: `${evidence} It must stay so for ${length}.`.trim() }
  }

  #window(taskId: string, length: string): StableWindow {
    const known = this.#windows.get(taskId)
    if (known) return known
    const counts = this.#options.passedHere.has(taskId) && this.#states.get(taskId)?.passedSince != null
    const window = new StableWindow(durationSeconds(length) * 1000, counts)
    this.#windows.set(taskId, window)
    return window
  }
}
