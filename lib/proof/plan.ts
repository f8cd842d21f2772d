import { basename } from 'node:path'
import type { LabProof } from '#lib/proof/load-proof.ts'
import type { ProofCase } from '#lib/proof/prove-case.ts'

/** What is proven of a lab, each in a sandbox of its own. The solution is typed twice, with other variables. */
export function casesOf(proof: LabProof, { seed = 1 }: { seed?: number } = {}): ProofCase[] {
  return [
    { kind: 'solution', name: 'solution, first', seed },
    { kind: 'solution', name: 'solution, second', seed: seed + 1 },
    ...(proof.lesson ? [{ kind: 'lesson' as const, name: 'lesson', seed }] : []),
    ...proof.wrong.map((wrong) => ({
      kind: 'wrong' as const,
      name: `wrong/${basename(wrong.script.file)}`,
      seed,
      wrong,
    })),
  ]
}
