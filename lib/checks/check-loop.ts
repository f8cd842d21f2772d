import type { Logger } from 'pino'
import type { Activity } from '#lib/checks/activity.ts'
import { FaultChecks } from '#lib/checks/fault-checks.ts'
import { HintChecks } from '#lib/checks/hint-checks.ts'
import { Judge } from '#lib/checks/judge.ts'
import { ObjectChecks } from '#lib/checks/object-checks.ts'
import type { ObjectsPort } from '#lib/checks/objects-port.ts'
import { IDLE_MS, pauseMs } from '#lib/checks/pause.ts'
import { type Round, ScriptChecks } from '#lib/checks/script-checks.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import { loadAnswers, markJudged, type TypedAnswers } from '#lib/progress/answers.ts'
import { type JudgedEvaluation, loadTaskStates, recordResults } from '#lib/progress/record-results.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { publish } from '#lib/sandbox/publish.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

/** Between two rounds when what the first saw asks for the second. */
const SOON_MS = 100
/** Changes of objects come in bursts; a learner who makes them without end costs others little. */
const DEBOUNCE_MS = 15
const LOOK_EVERY_MS = 100
/** Looking takes at most one part in so many of this process, for one sandbox. */
const LOOK_SHARE = 5
const NO_ANSWERS: TypedAnswers = new Map()
const RETRY_MS = [500, 1000, 2000, 5000]

/** What came of a round or a look: no other verdict, another, one for which the next is due at once, or no sandbox any more. */
type Outcome = 'stored' | 'turned' | 'soon' | 'refused'

export type CheckLoopOptions = {
  sandbox: { id: string; attemptId: string; definition: LabDefinition; vars: VarValues }
  exec: ExecPort
  objects: ObjectsPort
  log: Logger
}

/**
 * Judges one usable sandbox until it is stopped: scripts round by round, in its own examiners only; Kubernetes checks
 * whenever what they look at changes.
 */
export class CheckLoop {
  readonly #options: CheckLoopOptions
  readonly #scripts: ScriptChecks
  readonly #hints: HintChecks
  readonly #faults: FaultChecks
  #objects: ObjectChecks | undefined
  #judge: Promise<Judge> | undefined
  #failures = 0
  #activeAt = performance.now()
  #lineAt = this.#activeAt
  /** A verdict turned since the last line. */
  #seen = false
  #roundMs = 0
  #stopped = false
  #running: Promise<void> = Promise.resolve()
  #storing: Promise<unknown> = Promise.resolve()
  #lookTimer: NodeJS.Timeout | undefined
  #lookAt = Number.POSITIVE_INFINITY
  #lookNotBefore = 0
  #wake: (inMs: number) => void = () => {}

  constructor(options: CheckLoopOptions) {
    this.#options = options
    const { sandbox, exec, log } = options
    const { id, attemptId, definition, vars } = sandbox
    this.#scripts = new ScriptChecks({ sandboxId: id, definition, vars, exec, log })
    this.#faults = new FaultChecks({ sandboxId: id, definition, vars, exec, log })
    const { tasks, hints } = definition.lab
    this.#hints = new HintChecks({ sandboxId: id, attemptId, tasks, hints, scripts: this.#scripts })
  }

  start(): void {
    this.#watch()
    const { tasks, load = [] } = this.#options.sandbox.definition.lab
    const inRounds =
      tasks.some(({ check }) => !check.kubernetes) || load.length > 0 || this.#hints.any || this.#faults.any
    if (inRounds) this.#running = this.#run()
  }

  /** Resolves when no round is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#lookTimer)
    this.#objects?.stop()
    this.#scripts.close()
    this.#faults.stop()
    this.#wake(0)
    await this.#running
    await this.#storing
  }

  /** After a line the next round is due as soon as what it did can be seen; while programs write, once a second. */
  activity(activity: Activity): void {
    this.#activeAt = performance.now()
    if (activity === 'line') {
      this.#lineAt = this.#activeAt
      this.#seen = false
    }
    this.#wake(this.#pauseMs())
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      let delayMs: number
      try {
        delayMs = await this.round()
        this.#failures = 0
      } catch (err) {
        if (this.#stopped) return
        delayMs = this.#retryMs()
        this.#options.log.warn({ err, delayMs }, 'no round of checks')
      }
      if (!this.#stopped) await this.#pause(delayMs)
    }
  }

  /** Evaluates every task that is ready and stores what came out. Resolves with the milliseconds to the next round. */
  async round(): Promise<number> {
    const judge = await this.#ready()
    const began = performance.now()
    const { attemptId, definition } = this.#options.sandbox
    const asks = definition.lab.tasks.some(({ kind }) => kind === 'answer')
    const round = { needs: judge.needs, answers: asks ? await loadAnswers(attemptId) : NO_ANSWERS }
    const [results] = await Promise.all([
      Promise.all(judge.dueScripts.map((task) => this.#scripts.run(task, round))),
      this.#scripts.keepLoads(),
    ])
    if (this.#stopped) return 0
    for (const { taskId, verdict, values = {} } of results) if (verdict === 'pass') judge.needs[taskId] = values
    const outcome = await this.#store(results)
    if (outcome !== 'refused') await this.#after(judge, round, results)
    if (this.#stopped) return 0
    if (outcome === 'refused') return IDLE_MS
    if (outcome !== 'stored') this.#seen = this.#lineAt < began
    if (outcome === 'soon') return SOON_MS
    this.#roundMs = performance.now() - began
    return this.#pauseMs()
  }

  #pauseMs(): number {
    const now = performance.now()
    const [sinceLineMs, sinceActivityMs] = [now - this.#lineAt, now - this.#activeAt]
    return pauseMs({ sinceLineMs, sinceActivityMs, seen: this.#seen, roundMs: this.#roundMs })
  }

  /** What follows from a round that is stored. */
  async #after(judge: Judge, round: Round, results: JudgedEvaluation[]): Promise<void> {
    const { id, attemptId } = this.#options.sandbox
    const judged = new Map([...round.answers].filter(([task]) => results.some(({ taskId }) => taskId === task)))
    if (judged.size > 0 && (await markJudged(attemptId, judged)) > 0) publish(`sandbox:${id}`)
    await this.#hints.look(judge.states, round)
    await this.#faults.look(judge.states)
  }

  /** Judges the Kubernetes checks by what is known now, and stores what changed. */
  async look(): Promise<void> {
    const outcome = await this.#store(null)
    this.#failures = 0
    if (outcome === 'refused') this.#lookIn(IDLE_MS)
    // Scripts may have waited for what passes now.
    else if (outcome === 'soon') this.#wake(0)
  }

  #watch(): ObjectChecks {
    const { sandbox, objects, log } = this.#options
    this.#objects ??= new ObjectChecks({
      tasks: sandbox.definition.lab.tasks,
      vars: sandbox.vars,
      namespace: namespacesOf(sandbox.id).learner,
      objects,
      onChange: () => this.#lookIn(Math.max(DEBOUNCE_MS, this.#lookNotBefore - performance.now())),
      log,
    })
    return this.#objects
  }

  /** Looks at the objects in so many milliseconds, or earlier if that was asked for before. */
  #lookIn(delayMs: number): void {
    const at = performance.now() + delayMs
    if (this.#stopped || at >= this.#lookAt) return
    clearTimeout(this.#lookTimer)
    this.#lookAt = at
    this.#lookTimer = setTimeout(() => {
      this.#lookAt = Number.POSITIVE_INFINITY
      this.look().catch((err: unknown) => {
        const retryMs = this.#retryMs()
        this.#options.log.warn({ err, retryMs }, 'a change of objects could not be judged')
        this.#lookIn(retryMs)
      })
    }, delayMs)
  }

  /** One at a time, so that each builds on what the one before found. `round`: what the scripts said, if they ran. */
  #store(round: JudgedEvaluation[] | null): Promise<Outcome> {
    const turn = this.#storing.then(() => this.#storeNow(round))
    this.#storing = turn.catch(() => {})
    return turn
  }

  async #storeNow(round: JudgedEvaluation[] | null): Promise<Outcome> {
    const judge = await this.#ready()
    if (this.#stopped) return 'stored'
    const { id: sandboxId, attemptId } = this.#options.sandbox
    const began = performance.now()
    const { evaluations, changed, solved, turned, soon, againInMs, accept } = judge.judge(round)
    const ended = performance.now()
    this.#lookNotBefore = ended + Math.max(LOOK_EVERY_MS, LOOK_SHARE * (ended - began))
    if (againInMs !== null) this.#lookIn(againInMs)
    if (evaluations.length > 0 || solved) {
      const solvedAt = solved ? new Date() : null
      const stored = await recordResults({ sandboxId, attemptId, evaluations, changed, solvedAt })
      if (!stored) return 'refused'
    }
    accept()
    if (soon) return 'soon'
    return turned ? 'turned' : 'stored'
  }

  /** The judge, once what earlier processes found is loaded. */
  #ready(): Promise<Judge> {
    const { sandbox } = this.#options
    this.#judge ??= loadTaskStates({ sandboxId: sandbox.id, attemptId: sandbox.attemptId }).then((loaded) => {
      const objects = this.#watch()
      const { tasks } = sandbox.definition.lab
      return new Judge({ ...loaded, tasks, look: (...asked) => objects.judge(...asked), now: () => performance.now() })
    })
    this.#judge.catch(() => {
      this.#judge = undefined
    })
    return this.#judge
  }

  #retryMs(): number {
    return RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] ?? IDLE_MS
  }

  /** Resolves after so many milliseconds, or earlier when a wake asks for it; what asks for the earliest wins. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      let at = performance.now() + delayMs
      const done = () => {
        this.#wake = () => {}
        resolve()
      }
      let timer = setTimeout(done, delayMs)
      this.#wake = (inMs) => {
        if (performance.now() + inMs >= at) return
        at = performance.now() + inMs
        clearTimeout(timer)
        timer = setTimeout(done, inMs)
      }
    })
  }
}
