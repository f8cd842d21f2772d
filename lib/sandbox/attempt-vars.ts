import { z } from 'zod'
import type { Prisma } from '#generated/prisma/client.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { fillVars, varsIn } from '#lib/labs/template.ts'
import { drawVars, type VarValues } from '#lib/labs/vars.ts'

const varsSchema = z.record(z.string(), z.union([z.string(), z.number()]))

/** Attempt.vars, as JSON has no type. */
export const parseVars = (stored: unknown): VarValues => varsSchema.parse(stored)

/**
 * Draws the lab's variables for an attempt that has none of them yet; what it has, it keeps, so that a fresh sandbox is
 * the same lab. One that a newer version of the lab brings is drawn, one that it dropped goes.
 * @param seed for proofs, in place of the attempt's id
 */
export async function drawAttemptVars(
  tx: Prisma.TransactionClient,
  { attemptId, lab, seed = attemptId }: { attemptId: string; lab: Pick<Lab, 'vars'>; seed?: string | undefined },
): Promise<void> {
  const drawn = drawVars(lab.vars, seed)
  const { vars } = await tx.attempt.findUniqueOrThrow({ where: { id: attemptId }, select: { vars: true } })
  const kept = Object.entries(parseVars(vars)).filter(([name]) => Object.hasOwn(drawn, name))
  const next = { ...drawn, ...Object.fromEntries(kept) }
  if (JSON.stringify(next) === JSON.stringify(vars)) return
  await tx.attempt.update({ where: { id: attemptId }, data: { vars: next } })
}

/** A text of the lab as its learner reads it; before anything is drawn, each variable reads `…`. */
export const shownText = (text: string, vars: VarValues | null): string =>
  fillVars(text, vars ?? Object.fromEntries(varsIn(text).map((name) => [name, '…'])))
