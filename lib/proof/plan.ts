import type { Lab } from '#lib/labs/schema.ts'
import { drawVars } from '#lib/labs/vars.ts'
import type { LabProof } from '#lib/proof/load-proof.ts'
import { faultCase, lessonCase, type ProofCase, solutionCase, wrongCase } from '#lib/proof/prove-case.ts'

/** A case of a lab in one of the rounds, which count from 1. */
export type Planned = { proof: LabProof; what: ProofCase; round: number }

/** What is proven of labs, each in a sandbox of its own. A solution is typed twice a round, with other variables each time. */
export function planOf(proofs: LabProof[], rounds: number): Planned[] {
  const plan: Planned[] = []
  for (let round = 1; round <= rounds; round++) {
    for (const proof of proofs) {
      const { lesson, lab } = proof
      const seed = `round ${round}`
      const cases = [
        solutionCase(proof, 'solution, first', seed),
        solutionCase(proof, 'solution, second', otherSeed(lab.definition.lab, seed)),
        ...(lesson ? [lessonCase({ ...proof, lesson }, seed)] : []),
        ...proof.mends.map((mend) => faultCase(proof, mend, seed)),
        ...proof.wrong.map((wrong) => wrongCase(proof, wrong, seed)),
      ]
      plan.push(...cases.map((what) => ({ proof, what, round })))
    }
  }
  return plan
}

/** A seed for which as many of a lab's variables as possible are drawn differently: luck may make a pair the same. */
function otherSeed({ vars }: Lab, seed: string): string {
  const drawn = drawVars(vars, seed)
  const differing = (other: string) =>
    Object.entries(drawVars(vars, other)).filter(([name, value]) => value !== drawn[name]).length
  const seeds = Array.from({ length: 20 }, (_, index) => `${seed}, other ${index + 1}`)
  return seeds.reduce((best, each) => (differing(each) > differing(best) ? each : best))
}
