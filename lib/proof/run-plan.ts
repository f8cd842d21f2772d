import { drawVars } from '#lib/labs/vars.ts'
import type { Planned } from '#lib/proof/plan.ts'
import { type Patience, Player } from '#lib/proof/player.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import type { ProofPort, ProofSandbox } from '#lib/proof/proof-port.ts'
import type { Shown } from '#lib/proof/prove-case.ts'
import type { CaseResult, Failure } from '#lib/proof/report.ts'
import { runQueue } from '#lib/proof/run-queue.ts'

export type RunOptions = {
  port: ProofPort
  patience: Patience
  signal: AbortSignal
  /** Sandboxes at a time. */
  atOnce: number
  onStep: (planned: Planned, step: string) => void
  onResult: (result: CaseResult) => void
}

/** Shows what a plan asks for, several sandboxes at a time. Resolves with the results in its order; aborting rejects. */
export async function runPlan(plan: Planned[], options: RunOptions): Promise<CaseResult[]> {
  const jobs = plan.map((planned) => () => runCase(planned, options))
  const pending = await runQueue(jobs, options.atOnce)
  return Promise.all(pending.map(({ result }) => result))
}

/** Resolves when the sandbox was told to end; the result comes once it is gone, as the next one need not wait for that. */
async function runCase(planned: Planned, options: RunOptions): Promise<{ result: Promise<CaseResult> }> {
  const { port, patience, signal, onStep, onResult } = options
  const { proof, what, round } = planned
  const began = performance.now()
  const secondsSoFar = () => (performance.now() - began) / 1000
  const step = (words: string) => onStep(planned, words)
  let sandbox: ProofSandbox | undefined
  let player: Player | undefined
  let shown: Shown | undefined
  let readySeconds: number | null = null
  let failure: Failure | null = null
  signal.throwIfAborted()
  try {
    const vars = drawVars(proof.lab.definition.lab.vars, what.seed)
    step('starts')
    sandbox = await port.start(proof.id, proof.lab, { seed: what.seed })
    player = new Player({ sandbox, vars, patience, signal, onStep: step })
    await player.until('the sandbox is not ready', ({ state }) => state === 'ready', patience.readyMs)
    readySeconds = secondsSoFar()
    shown = await what.show(player)
  } catch (error) {
    failure = failureOf(error)
  }
  player?.close()
  const gone = sandbox?.end() ?? Promise.resolve([])
  gone.catch(() => undefined)
  signal.throwIfAborted()
  const { view, solvedSeconds = null, survives = null } = shown ?? {}
  const evidence = Object.fromEntries(view?.tasks.map((task) => [task.id, task.evidence]) ?? [])
  const finish = (ending: Failure | null): CaseResult => {
    const common = { labId: proof.id, name: what.name, round, seconds: secondsSoFar(), readySeconds, solvedSeconds }
    const result = { ...common, failure: failure ?? ending, survives, evidence }
    onResult(result)
    return result
  }
  const result = gone.then(
    (left) => finish(left.length === 0 ? null : { message: `left in the cluster: ${left.join(', ')}`, detail: '' }),
    (error: unknown) => finish(failureOf(error)),
  )
  return { result }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ProofFailure) return { message: error.message, detail: error.detail }
  if (error instanceof Error) return { message: error.message, detail: error.stack ?? '' }
  return { message: String(error), detail: '' }
}
