import type { Logger } from 'pino'
import { cleanEvidence } from '#lib/checks/evidence.ts'
import { ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { AppError } from '#lib/errors.ts'
import type { LabDefinition, Task } from '#lib/labs/schema.ts'
import type { JudgedEvaluation } from '#lib/progress/record-results.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const CHECK_TIMEOUT_MS = 10_000

export type ScriptChecksOptions = {
  sandboxId: string
  definition: LabDefinition
  exec: ExecPort
  log: Logger
}

type Opened = { stream: ExaminerStream; version: string }

/** `check: { run }`: scripts, each in the examiner of the machine that its task looks at. */
export class ScriptChecks {
  readonly #options: ScriptChecksOptions
  readonly #streams = new Map<string, Opened>()
  readonly #opening = new Map<string, Promise<Opened>>()
  #closed = false

  constructor(options: ScriptChecksOptions) {
    this.#options = options
  }

  close(): void {
    this.#closed = true
    for (const { stream } of this.#streams.values()) stream.close()
  }

  /** @throws AppError when the examiner is out of reach */
  async run(task: Task): Promise<JudgedEvaluation> {
    const { definition, log } = this.#options
    const name = task.check.run ?? ''
    const machine = task.on ?? definition.lab.machines[0]?.name ?? ''
    const script = definition.scripts[name]
    if (script === undefined) throw new AppError('invalid-content', `${name} is not part of the lab version`)
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
      if (result.verdict === 'broken') log.warn({ task: task.id, detail: result.detail }, 'check broken')
      return { ...judged(result.verdict, result.evidence, result.durationMs), values: result.values }
    } catch (err) {
      if (!this.#closed) log.warn({ err, task: task.id }, 'check without an answer')
      const evidence = 'our check failed: the examiner did not answer'
      return judged('broken', evidence, performance.now() - began)
    }
  }

  /** The machine's stream, opened once however many tasks ask at the same time. */
  #stream(machine: string): Promise<Opened> {
    const open = this.#streams.get(machine)
    if (open && !open.stream.ended) return Promise.resolve(open)
    let opening = this.#opening.get(machine)
    if (!opening) {
      opening = this.#open(machine).finally(() => this.#opening.delete(machine))
      this.#opening.set(machine, opening)
    }
    return opening
  }

  async #open(machine: string): Promise<Opened> {
    const namespace = namespacesOf(this.#options.sandboxId).sys
    const stream = await ExaminerStream.open(this.#options.exec, { namespace, pod: machine })
    const opened = { stream, version: await stream.version() }
    if (this.#closed) stream.close()
    this.#streams.set(machine, opened)
    return opened
  }
}
