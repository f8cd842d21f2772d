import type { LabProof } from '#lib/proof/load-proof.ts'
import { casesOf } from '#lib/proof/plan.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import { type CaseOptions, type CaseResult, type ProofCase, prove, withSandbox } from '#lib/proof/prove-case.ts'
import { runQueue } from '#lib/proof/run-queue.ts'

export type RunOptions = Pick<CaseOptions, 'port' | 'patience' | 'signal'> & {
  /** Sandboxes at a time. */
  atOnce: number
  rounds: number
  onStep: (labId: string, name: string, step: string) => void
  onResult: (result: CaseResult) => void
}

/** A result that waits for its sandbox to be gone, so that the next one need not. */
type Pending = { result: Promise<CaseResult> }

/** Proves labs, several sandboxes at a time. Resolves with all results in the order of the plan; aborting rejects. */
export async function runProofs(proofs: LabProof[], options: RunOptions): Promise<CaseResult[]> {
  const jobs: (() => Promise<Pending>)[] = []
  for (let round = 1; round <= options.rounds; round++) {
    for (const proof of proofs) {
      for (const what of casesOf(proof, { seed: 2 * round - 1 })) jobs.push(() => runCase(proof, what, round, options))
    }
  }
  const pending = await runQueue(jobs, options.atOnce)
  return Promise.all(pending.map(({ result }) => result))
}

async function runCase(proof: LabProof, what: ProofCase, round: number, options: RunOptions): Promise<Pending> {
  const began = performance.now()
  const { onResult, signal } = options
  const finish = (rest: Pick<CaseResult, 'failure' | 'evidence' | 'readySeconds' | 'solvedSeconds'>): CaseResult => {
    const seconds = (performance.now() - began) / 1000
    const result = { labId: proof.id, name: what.name, round, ok: rest.failure === null, seconds, ...rest }
    onResult(result)
    return result
  }
  const failed = (error: unknown) =>
    finish({ failure: failureOf(error), evidence: {}, readySeconds: null, solvedSeconds: null })
  try {
    const onStep = (step: string) => options.onStep(proof.id, what.name, step)
    const { value, left, readySeconds } = await withSandbox({ ...options, proof, onStep, seed: what.seed }, (player) =>
      prove(player, proof, what),
    )
    const evidence = Object.fromEntries(value.view.tasks.map((task) => [task.id, task.evidence]))
    const gone = async () => {
      const names = await left
      const failure = names.length === 0 ? null : { message: `left in the cluster: ${names.join(', ')}`, detail: '' }
      return finish({ failure, evidence, readySeconds, solvedSeconds: value.solvedSeconds })
    }
    return { result: gone().catch(failed) }
  } catch (error) {
    signal.throwIfAborted()
    return { result: Promise.resolve(failed(error)) }
  }
}

function failureOf(error: unknown): { message: string; detail: string } {
  if (error instanceof ProofFailure) return { message: error.message, detail: error.detail }
  return error instanceof Error
    ? { message: error.message, detail: error.stack ?? '' }
    : { message: String(error), detail: '' }
}
