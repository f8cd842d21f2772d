import { basename } from 'node:path'
import type { Task } from '#lib/labs/schema.ts'
import type { LabProof, Mend, Wrong } from '#lib/proof/load-proof.ts'
import type { Player } from '#lib/proof/player.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import { readAlong } from '#lib/proof/read-along.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** What was shown: the last view, seconds from ready to solved, and of a mutant why it may survive. */
export type Shown = { view: SandboxView; solvedSeconds?: number; survives?: string }

/** What one sandbox is used for. `seed` draws its variables. */
export type ProofCase = { name: string; seed: string; show: (player: Player) => Promise<Shown> }

/**
 * Nothing but a guard passes in a sandbox that nobody has touched, no check of ours fails, and the solution solves it; then
 * each declared port shows a page.
 */
export function solutionCase(proof: LabProof, name: string, seed: string): ProofCase {
  return {
    name,
    seed,
    show: async (player) => {
      await untouched(player, proof)
      const began = performance.now()
      for (const script of proof.solution) await player.play(script)
      const shown = await solved(player, began)
      await answering(player, proof)
      return shown
    },
  }
}

/** Every command of the lesson prints what the lesson shows, and a reader who solves its tasks solves the lab. */
export function lessonCase(proof: LabProof & { lesson: NonNullable<LabProof['lesson']> }, seed: string): ProofCase {
  return {
    name: 'lesson',
    seed,
    show: async (player) => {
      const began = performance.now()
      await readAlong(player, proof)
      return solved(player, began)
    },
  }
}

/** A misconception leaves its task not yet, and the learner is told which one it is. */
export function wrongCase(proof: LabProof, { script, task, evidence }: Wrong, seed: string): ProofCase {
  const again = proof.lab.definition.lab.tasks.some(({ id, ...one }) => id === task && inRounds(one))
  return {
    name: `wrong/${basename(script.file)}`,
    seed,
    show: async (player) => {
      await player.play(script)
      const said = player.fill(evidence)
      const own = ({ tasks }: SandboxView) => tasks.find(({ id }) => id === task)
      const told = (view: SandboxView) =>
        own(view)?.verdict === 'not-yet' && own(view)?.evidence.includes(said) === true
      const otherwise = `${task} was not told "${said}"`
      await player.until(otherwise, told)
      // What is true on the way is no verdict: it must be said of all that was typed.
      const last = await player.stays(
        again ? [task] : [],
        (view) => own(view)?.verdict !== 'pass',
        again ? 0 : undefined,
      )
      if (own(last)?.verdict === 'pass')
        throw new ProofFailure(`${task} passes: ${own(last)?.evidence}`, player.account)
      const view = await player.until(otherwise, told)
      return { view }
    },
  }
}

/** Looked at round by round; objects are known at every moment, an answer is judged once. */
export const inRounds = ({ kind, check }: Pick<Task, 'kind' | 'check'>): boolean =>
  !check.kubernetes && kind !== 'answer'

/**
 * A hidden fault of a scene: where all worked, its task must fall; and with the script that mends it, where there is one,
 * pass again.
 */
export function faultCase(proof: LabProof, { scene, fault, mended, script }: Mend, seed: string): ProofCase {
  return {
    name: `scene ${scene}: ${fault}`,
    seed,
    show: async (player) => {
      for (const each of proof.solution) await player.play(each)
      await solved(player, performance.now())
      await player.breakScene(scene, fault)
      const own = ({ tasks }: SandboxView) => tasks.find(({ id }) => id === mended)
      const view = await player.until(`${mended} did not fall`, (seen) => own(seen)?.verdict === 'not-yet')
      if (!script) return { view }
      await player.play(script)
      const whole = ({ scenes }: SandboxView) => scenes.some((one) => one.scene === scene && one.state === 'mended')
      return { view: await player.until('it was not mended', whole) }
    },
  }
}

async function solved(player: Player, began: number): Promise<Shown> {
  const view = await player.until('the lab was not solved', ({ solvedAt }) => solvedAt !== null)
  return { view, solvedSeconds: (performance.now() - began) / 1000 }
}

async function answering(player: Player, proof: LabProof): Promise<void> {
  for (const [index, { title, machine, service, port }] of (proof.lab.definition.lab.ports ?? []).entries()) {
    const of = service === undefined ? machine : `Service ${service}`
    await player.visit(index, player.fill(`"${title}", port ${port} of ${of},`))
  }
}

async function untouched(player: Player, proof: LabProof): Promise<void> {
  const { tasks } = proof.lab.definition.lab
  const view = await player.until('a fresh sandbox was not judged', (seen) =>
    seen.tasks.every(({ verdict }) => verdict !== null),
  )
  for (const { id, kind } of tasks) {
    const { verdict, evidence } = view.tasks.find((task) => task.id === id) ?? {}
    if (verdict === 'broken')
      throw new ProofFailure(`the check of ${id} is broken in a fresh sandbox: ${evidence}`, player.account)
    if (verdict === 'pass' && kind !== 'guard')
      throw new ProofFailure(`${id} passes in a sandbox that nobody has touched: ${evidence}`, player.account)
  }
}
