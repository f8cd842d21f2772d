import { createHash } from 'node:crypto'
import type { Lab } from '#lib/labs/schema.ts'

/** The values of one attempt, by the names of the lab's variables. */
export type VarValues = Record<string, string | number>

/**
 * Draws a lab's variables: the same for the same seed for ever, each independent of the others, so that one more changes
 * none. 64 bits of SHA-256 for at most 2^53 values: some are likelier by a thousandth at most, ordinary ones by nothing.
 * @param seed any text, e.g. the attempt's id
 */
export function drawVars(vars: Lab['vars'], seed: string): VarValues {
  return Object.fromEntries(
    Object.entries(vars ?? {}).map(([name, { int: [low, high] = [0, 0], pick }]) => {
      const drawn = createHash('sha256').update(`${seed}\0${name}`).digest().readBigUInt64BE()
      if (pick) return [name, pick[Number(drawn % BigInt(pick.length))] ?? '']
      return [name, Number(BigInt(low) + (drawn % (BigInt(high) - BigInt(low) + 1n)))]
    }),
  )
}
