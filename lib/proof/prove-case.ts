import type { LabProof, Wrong } from '#lib/proof/load-proof.ts'
import { type Patience, Player, type Timings } from '#lib/proof/player.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import type { ProofPort } from '#lib/proof/proof-port.ts'
import { readAlong } from '#lib/proof/read-along.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** What one sandbox is used for. */
export type ProofCase = { name: string; seed: number } & (
  | { kind: 'solution' }
  | { kind: 'wrong'; wrong: Wrong }
  | { kind: 'lesson' }
)

export type CaseResult = {
  labId: string
  name: string
  round: number
  ok: boolean
  failure: { message: string; detail: string } | null
  seconds: number
  /** Seconds from the start to usable machines, and from there to the solve. */
  readySeconds: number | null
  solvedSeconds: number | null
  /** What the learner was told last, by task. */
  evidence: Record<string, string>
}

export type CaseOptions = {
  port: ProofPort
  proof: LabProof
  patience: Patience
  signal: AbortSignal
  onStep: (step: string) => void
}

/** A player in a ready sandbox of its own, which is gone afterwards. */
type Use<T> = (player: Player) => Promise<T>
type Lent<T> = { value: T; left: Promise<string[]>; readySeconds: number }

/** Lends a ready sandbox. `left` is what is still in the cluster once it has gone, as that takes a while. */
export async function withSandbox<T>(options: CaseOptions & { seed: number }, use: Use<T>): Promise<Lent<T>> {
  const { port, proof, patience, signal, onStep, seed } = options
  signal.throwIfAborted()
  const began = performance.now()
  onStep('starts')
  const sandbox = await port.start(proof.id, proof.lab, { seed })
  const player = new Player({ sandbox, patience, signal, onStep })
  let left: Promise<string[]> = Promise.resolve([])
  let lent: Omit<Lent<T>, 'left'>
  try {
    await player.until('the sandbox is not ready', ({ state }) => state === 'ready', patience.readyMs)
    const readySeconds = (performance.now() - began) / 1000
    lent = { value: await use(player), readySeconds }
  } finally {
    player.close()
    left = sandbox.end()
    left.catch(() => undefined)
  }
  return { ...lent, left }
}

type Proven = { view: SandboxView; solvedSeconds: number | null; timings: Timings }

/** Does what the case asks for. @throws ProofFailure */
export async function prove(player: Player, proof: LabProof, what: ProofCase): Promise<Proven> {
  const began = performance.now()
  const solved = async () => {
    const view = await player.until('the lab was not solved', ({ solvedAt }) => solvedAt !== null)
    return { view, solvedSeconds: (performance.now() - began) / 1000, timings: player.timings }
  }
  if (what.kind === 'solution') {
    await fresh(player, proof)
    for (const script of proof.solution) await player.play(script)
    return solved()
  }
  if (what.kind === 'lesson' && proof.lesson) {
    await readAlong(player, { ...proof, lesson: proof.lesson })
    return solved()
  }
  if (what.kind !== 'wrong') throw new Error(`${proof.id} is no lesson`)
  const { script, task, evidence } = what.wrong
  await player.play(script)
  const told = (view: SandboxView) =>
    view.tasks.some((one) => one.id === task && one.verdict === 'not-yet' && one.evidence.includes(evidence))
  const view = await player.until(`${task} was not told "${evidence}"`, told)
  return { view, solvedSeconds: null, timings: player.timings }
}

/** Nothing but a guard passes in a sandbox that nobody has touched, and no check of ours fails. */
async function fresh(player: Player, proof: LabProof): Promise<void> {
  const view = await player.until('a fresh sandbox was not judged', ({ tasks }) =>
    tasks.every(({ verdict }) => verdict !== null),
  )
  for (const { id, kind } of proof.lab.definition.lab.tasks) {
    const { verdict, evidence } = view.tasks.find((task) => task.id === id) ?? {}
    if (verdict === 'broken')
      throw new ProofFailure(`the check of ${id} is broken in a fresh sandbox: ${evidence}`, player.account)
    if (verdict === 'pass' && kind !== 'guard')
      throw new ProofFailure(`${id} passes in a sandbox that nobody has touched: ${evidence}`, player.account)
  }
}
