import type { Logger } from 'pino'
import { cleanEvidence } from '#lib/checks/evidence.ts'
import { type CheckResult, ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { judgeAnswer, NOT_ANSWERED } from '#lib/checks/judge-answer.ts'
import type { NeedValues } from '#lib/checks/kubernetes-check.ts'
import { ADDRESS_SCRIPT, type ExaminerScript, loadScript, probeOf } from '#lib/checks/probes.ts'
import { AppError } from '#lib/errors.ts'
import type { LabDefinition, Task } from '#lib/labs/schema.ts'
import { scriptEnvironment } from '#lib/labs/script-environment.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import type { TypedAnswers } from '#lib/progress/answers.ts'
import type { JudgedEvaluation } from '#lib/progress/record-results.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const CHECK_TIMEOUT_MS = 10_000
/** To be changed with whatever changes the verdict on an answer that the lab alone judges. */
const ANSWER_VERSION = 'answer-1'

export type ScriptChecksOptions = {
  sandboxId: string
  definition: LabDefinition
  vars: VarValues
  exec: ExecPort
  log: Logger
}

/** What may be different from one round to the next. */
export type Round = { needs: NeedValues; answers: TypedAnswers }

type Opened = { stream: ExaminerStream; version: string; address?: Promise<string> }

/** Every check but those of Kubernetes objects: asked in rounds, most of them of the examiner beside a machine. */
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
  async run(task: Task, round: Round): Promise<JudgedEvaluation> {
    const answer = round.answers.get(task.id)?.value
    if (task.kind === 'answer' && answer === undefined) return this.#alone(task, 'not-yet', NOT_ANSWERED)
    if (task.check.answer) {
      const { verdict, evidence } = judgeAnswer(task.check.answer, answer ?? '', this.#options.vars)
      return this.#alone(task, verdict, evidence)
    }
    const asked = await this.#scriptOf(task, answer, round.needs)
    const { stream, version } = await this.#stream(asked.machine)
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
      const result = await ask(stream, asked)
      if (result.verdict === 'broken') this.#options.log.warn({ task: task.id, detail: result.detail }, 'check broken')
      const { values, detail } = result
      return { ...judged(result.verdict, result.evidence, result.durationMs), values, detail }
    } catch (err) {
      if (!this.#closed) this.#options.log.warn({ err, task: task.id }, 'check without an answer')
      const evidence = 'our check failed: the examiner did not answer'
      return judged('broken', evidence, performance.now() - began)
    }
  }

  /** Whether what a hint waits for is there. One that cannot be asked is not. */
  async fits(task: Task, { when, on }: { when: string; on?: string | undefined }, round: Round): Promise<boolean> {
    const answer = round.answers.get(task.id)?.value
    const { stream } = await this.#stream(on ?? this.#machineOf(task))
    const { script, env } = this.#own(when, task, answer, round.needs)
    const result = await ask(stream, { script, env }).catch(() => null)
    return result?.verdict === 'pass'
  }

  /** Starts the lab's loads where they do not run. */
  async keepLoads(): Promise<void> {
    const { definition, vars } = this.#options
    const { lab } = definition
    await Promise.all(
      (lab.load ?? []).map(async (load) => {
        const asked = loadScript(load, { lab, vars })
        const { verdict, detail } = await ask((await this.#stream(asked.machine)).stream, asked)
        if (verdict === 'broken') this.#options.log.warn({ load: load.id, detail }, 'a load does not run')
      }),
    )
  }

  #alone(task: Task, verdict: JudgedEvaluation['verdict'], evidence: string): JudgedEvaluation {
    const common = { at: new Date(), durationMs: 0, checkerVersion: ANSWER_VERSION }
    return { taskId: task.id, verdict, evidence: cleanEvidence(evidence), ...common }
  }

  readonly #machineOf = ({ on }: Task): string => on ?? this.#options.definition.lab.machines[0]?.name ?? ''

  async #scriptOf(task: Task, answer: string | undefined, needs: NeedValues): Promise<ExaminerScript> {
    const { definition, sandboxId, vars } = this.#options
    const { lab } = definition
    const { run, load } = task.check
    if (run !== undefined) return { machine: this.#machineOf(task), ...this.#own(run, task, answer, needs) }
    if (load) {
      const found = lab.load?.find(({ id }) => id === load.of)
      if (!found) throw new AppError('invalid-content', `there is no load ${load.of}`)
      return loadScript(found, { lab, vars }, load)
    }
    const { learner: learnerNamespace, sys: sysNamespace } = namespacesOf(sandboxId)
    const probe = await probeOf(task, { lab, vars, learnerNamespace, sysNamespace, addressOf: this.#address })
    if (!probe) throw new AppError('invalid-content', `task ${task.id} has no check that can be run`)
    return probe
  }

  /** A script of the lab's, with what it finds in its environment. */
  #own(name: string, { needs: wanted }: Task, answer: string | undefined, needs: NeedValues) {
    const { definition, vars } = this.#options
    const script = definition.scripts[name]
    if (script === undefined) throw new AppError('invalid-content', `${name} is not part of the lab version`)
    const given = Object.fromEntries(wanted.map((id) => [id, needs[id] ?? {}]))
    return { script, env: scriptEnvironment({ vars, needs: given, ...(answer !== undefined && { answer }) }) }
  }

  readonly #address = async (machine: string): Promise<string> => {
    const opened = await this.#stream(machine)
    opened.address ??= ask(opened.stream, { script: ADDRESS_SCRIPT, env: {} }).then(({ values }) => {
      const { address = '' } = values
      if (address === '') delete opened.address
      return address
    })
    return opened.address
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

const ask = (stream: ExaminerStream, { script, env }: Pick<ExaminerScript, 'script' | 'env'>): Promise<CheckResult> =>
  stream.run({ script, env, args: [], timeoutMs: CHECK_TIMEOUT_MS })
