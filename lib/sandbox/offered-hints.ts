import { z } from 'zod'
import type { Hint } from '#lib/labs/schema.ts'

const fittingSchema = z.record(z.string(), z.array(z.int()))

/** Attempt.fittingHints: indexes of the hints whose `when` holds now, by task. */
export type FittingHints = z.output<typeof fittingSchema>
export const parseFitting = (stored: unknown): FittingHints => fittingSchema.parse(stored)

/**
 * The hints of a task in the order in which they are offered: those that were opened as they were, then those that fit what
 * is there now, then those that wait for nothing. One that does not fit is not among them. Indexes into the lab's list.
 */
export function offeredHints(hints: Hint[], opened: number[], fitting: number[]): number[] {
  const all = hints.map((_, index) => index)
  const waiting = (index: number) => typeof hints[index] !== 'string'
  const next = all.filter((index) => !opened.includes(index))
  return [
    ...opened.filter((index) => index < hints.length),
    ...next.filter((index) => waiting(index) && fitting.includes(index)),
    ...next.filter((index) => !waiting(index)),
  ]
}
