import type { Logger } from 'pino'
import { cleanEvidence } from '#lib/checks/evidence.ts'
import { type CompiledCheck, compileCheck, type NeedValues } from '#lib/checks/kubernetes-check.ts'
import type { ObjectsPort, Observation } from '#lib/checks/objects-port.ts'
import type { Task } from '#lib/labs/schema.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import type { JudgedEvaluation } from '#lib/progress/record-results.ts'

/** To be changed with whatever changes a verdict. */
const CHECKER_VERSION = 'cel-1'

type Watched = CompiledCheck & { task: Task; seen: Observation; continuous: boolean; end: () => void }

/** `check: { kubernetes }`: the objects of the learner's namespace, as the watch last told of them. */
export class ObjectChecks {
  readonly #watched = new Map<string, Watched>()
  readonly #log: Logger

  /** `onChange` is called whenever a verdict may have changed. It must not throw. */
  constructor(options: {
    tasks: Task[]
    vars: VarValues
    namespace: string
    objects: ObjectsPort
    onChange: () => void
    log: Logger
  }) {
    const { tasks, vars, namespace, objects, onChange, log } = options
    this.#log = log
    for (const task of tasks) {
      const { kubernetes } = task.check
      if (!kubernetes) continue
      const compiled = compileCheck(kubernetes, task.evidence, vars)
      const watched: Watched = { ...compiled, task, seen: { kind: 'unknown' }, continuous: false, end: () => {} }
      this.#watched.set(task.id, watched)
      watched.end = objects.subscribe({ ...compiled.query, namespace }, (observation) => {
        watched.seen = observation
        if (observation.kind !== 'known') watched.continuous = false
        onChange()
      })
    }
  }

  stop(): void {
    for (const { end } of this.#watched.values()) end()
  }

  /** What the cluster's state means for a task; null when that is unknown, which takes nothing from anybody. */
  judge(task: Task, needs: NeedValues): JudgedEvaluation | null {
    const watched = this.#watched.get(task.id)
    const began = performance.now()
    const judgement = watched?.judge(watched.seen, needs)
    if (!watched || !judgement) return null
    const { verdict, evidence, detail } = judgement
    if (verdict === 'broken') this.#log.warn({ task: task.id, detail }, 'check broken')
    const { continuous } = watched
    watched.continuous = watched.seen.kind === 'known'
    return {
      taskId: task.id,
      verdict,
      evidence: cleanEvidence(evidence),
      detail,
      at: new Date(),
      continuous,
      durationMs: Math.round(performance.now() - began),
      checkerVersion: CHECKER_VERSION,
    }
  }
}
