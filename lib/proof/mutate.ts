import type { LabProof } from '#lib/proof/load-proof.ts'
import type { Dropped } from '#lib/proof/mutations.ts'
import type { Timings } from '#lib/proof/player.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import { inRounds, type ProofCase, solutionCase } from '#lib/proof/prove-case.ts'

/** How the whole solution went: what a mutated run is granted. */
export type Baseline = { timings: Timings; solvedMs: number }

/** Mutants have the variables of the whole solution. */
const SEED = 'mutants'

/** The whole solution; notes how long its steps took. */
export function baselineCase(proof: LabProof, note: (baseline: Baseline) => void): ProofCase {
  const whole = solutionCase(proof, 'solution', SEED)
  return {
    ...whole,
    show: async (player) => {
      const shown = await whole.show(player)
      note({ timings: player.timings, solvedMs: Date.now() - player.lastLineAt.getTime() })
      return shown
    },
  }
}

/**
 * The lab must not be solved without the step. What follows the step is typed as well as it can be; whatever took its time
 * in the whole solution gets twice as long here.
 */
export function mutantCase(proof: LabProof, { name, scripts, justified }: Dropped, baseline: Baseline): ProofCase {
  const again = proof.lab.definition.lab.tasks.filter((task) => inRounds(task) && !task.mode?.once)
  return {
    name,
    seed: SEED,
    show: async (player) => {
      await player.playAnyhow(scripts, baseline.timings)
      const view = await player.stays(
        again.map(({ id }) => id),
        ({ solvedAt }) => solvedAt === null,
        2 * baseline.solvedMs,
      )
      if (view.solvedAt === null) return { view }
      if (justified !== null) return { view, survives: justified }
      throw new ProofFailure('the lab is solved all the same', player.account)
    },
  }
}
