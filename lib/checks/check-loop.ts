import type { Logger } from 'pino'
import { allHold, evaluate, readyTasks, type TaskState } from '#lib/checks/evaluate.ts'
import { cleanEvidence } from '#lib/checks/evidence.ts'
import { ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { AppError } from '#lib/errors.ts'
import type { LabDefinition, Task } from '#lib/labs/schema.ts'
import { type JudgedEvaluation, loadTaskStates, recordResults } from '#lib/progress/record-results.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const ACTIVE_MS = 1000
const IDLE_MS = 5000
/** Nobody attached and no input for this long: idle. */
const IDLE_AFTER_MS = 60_000
/** Between two rounds when the first changed something, or when input asks for one. */
const SOON_MS = 100
const CHECK_TIMEOUT_MS = 10_000
const REOPEN_MS = [500, 1000, 2000, 5000]

export type CheckLoopOptions = {
  sandbox: { id: string; attemptId: string; definition: LabDefinition }
  exec: ExecPort
  log: Logger
}

/** Judges one usable sandbox, round by round, until it is stopped. Verdicts come from its own examiners only. */
export class CheckLoop {
  readonly #options: CheckLoopOptions
  readonly #streams = new Map<string, { stream: ExaminerStream; version: string }>()
  #states: Map<string, TaskState> | undefined
  #heldBefore = false
  #failures = 0
  #activeAt = performance.now()
  #stopped = false
  #running: Promise<void> = Promise.resolve()
  #wake: () => void = () => {}

  constructor(options: CheckLoopOptions) {
    this.#options = options
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Resolves when no round is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { stream } of this.#streams.values()) stream.close()
    this.#wake()
    await this.#running
  }

  /** Somebody works in the sandbox: the next round is due at once. */
  activity(): void {
    this.#activeAt = performance.now()
    this.#wake()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      let delayMs: number
      try {
        delayMs = await this.round()
        this.#failures = 0
      } catch (err) {
        if (this.#stopped) return
        delayMs = REOPEN_MS[Math.min(this.#failures++, REOPEN_MS.length - 1)] ?? IDLE_MS
        this.#options.log.warn({ err, delayMs }, 'no round of checks')
      }
      if (!this.#stopped) await this.#pause(delayMs)
    }
  }

  /**
   * Evaluates every task that is ready and stores what came out. Resolves with the milliseconds to the next round.
   * A lab is solved when two rounds on end saw every task pass: whatever was judged first in the second round still
   * held after everything had been judged in the first.
   */
  async round(): Promise<number> {
    const { id: sandboxId, attemptId, definition } = this.#options.sandbox
    this.#states ??= await loadTaskStates({ sandboxId, attemptId })
    const { tasks } = definition.lab
    const evaluations = await Promise.all(readyTasks(tasks, this.#states).map((task) => this.#check(task)))
    if (this.#stopped) return 0
    const { states, changed } = evaluate(this.#states, evaluations)
    const holds = allHold(tasks, evaluations)
    const solvedAt = holds && this.#heldBefore ? new Date() : null
    const stored = await recordResults({ sandboxId, attemptId, evaluations, changed, solvedAt })
    if (!stored) return IDLE_MS
    const soon = changed.length > 0 || (holds && !this.#heldBefore)
    this.#states = states
    this.#heldBefore = holds
    if (soon) return SOON_MS
    return performance.now() - this.#activeAt > IDLE_AFTER_MS ? IDLE_MS : ACTIVE_MS
  }

  async #check(task: Task): Promise<JudgedEvaluation> {
    const { definition } = this.#options.sandbox
    const machine = task.on ?? definition.lab.machines[0]?.name ?? ''
    const script = definition.scripts[task.check.run ?? '']
    if (script === undefined) throw new AppError('invalid-content', `${task.check.run} is not part of the lab version`)
    const { stream, version } = await this.#stream(machine)
    const began = performance.now()
    const judged = (verdict: JudgedEvaluation['verdict'], evidence: string, durationMs: number) => ({
      taskId: task.id,
      verdict,
      evidence: cleanEvidence(evidence),
      at: new Date(),
      durationMs: Math.max(0, Math.round(durationMs)),
      checkerVersion: version,
    })
    try {
      const result = await stream.run({ script, env: {}, args: [], timeoutMs: CHECK_TIMEOUT_MS })
      if (result.verdict === 'broken') this.#options.log.warn({ task: task.id, detail: result.detail }, 'check broken')
      return judged(result.verdict, result.evidence, result.durationMs)
    } catch (err) {
      if (!this.#stopped) this.#options.log.warn({ err, task: task.id }, 'check without an answer')
      return judged('broken', 'our check failed: the examiner did not answer', performance.now() - began)
    }
  }

  readonly #opening = new Map<string, Promise<{ stream: ExaminerStream; version: string }>>()

  /** The machine's stream, opened once however many tasks ask at the same time. */
  #stream(machine: string): Promise<{ stream: ExaminerStream; version: string }> {
    const open = this.#streams.get(machine)
    if (open && !open.stream.ended) return Promise.resolve(open)
    let opening = this.#opening.get(machine)
    if (!opening) {
      opening = this.#open(machine).finally(() => this.#opening.delete(machine))
      this.#opening.set(machine, opening)
    }
    return opening
  }

  async #open(machine: string): Promise<{ stream: ExaminerStream; version: string }> {
    const namespace = namespacesOf(this.#options.sandbox.id).sys
    const stream = await ExaminerStream.open(this.#options.exec, { namespace, pod: machine })
    const opened = { stream, version: await stream.version() }
    if (this.#stopped) stream.close()
    this.#streams.set(machine, opened)
    return opened
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve()
      }
      const timer = setTimeout(done, delayMs)
      // Input may come in floods: a round at most every 250 ms.
      const began = performance.now()
      this.#wake = () => {
        if (this.#stopped || performance.now() - began >= 250) return done()
        clearTimeout(timer)
        setTimeout(done, Math.min(delayMs, 250))
      }
    })
  }
}
