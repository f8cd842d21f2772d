import { z } from 'zod'
import type { Prisma } from '#generated/prisma/client.ts'
import { availability } from '#lib/capabilities/availability.ts'
import { type Report, reportSchema } from '#lib/capabilities/report.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { whyShut } from '#lib/sandbox/lab-egress.ts'
import { whyForeign } from '#lib/sandbox/lab-images.ts'

const offerSchema = z.object({ clusterUid: z.string(), report: reportSchema })

/** What the reconciler stored of a cluster; null when there is nothing, or of an older form. */
export const parseOffer = (stored: unknown): { clusterUid: string; report: Report } | null =>
  offerSchema.safeParse(stored).data ?? null

/** For good: only another start of the platform tries again. */
const NOT_SET_UP = 'This site could not set up its lab machines. Whoever runs it can read why in its log.'

type Asking = Pick<Lab, 'machines' | 'egress'>

/** The database, or a transaction. */
type Rows = Pick<Prisma.TransactionClient, 'clusterStatus'>

/**
 * Reads once what the cluster offers; the function says for any lab why it cannot be had here, in words for a learner, or
 * null. What is not known yet is not said to be missing: such a start waits in the queue.
 */
export async function labAvailability(rows: Rows = db()): Promise<(lab: Asking) => string | null> {
  const row = await rows.clusterStatus.findUnique({ where: { id: 1 } })
  const report = parseOffer(row?.offer)?.report ?? null
  const settings = env()
  return (lab) => {
    if (row?.state === 'failed') return NOT_SET_UP
    const judged = availability(lab, report, settings.ACCEPT_MISSING)
    return judged.kind === 'lacking' ? judged.reason : (whyForeign(lab, settings) ?? whyShut(lab, settings))
  }
}

/** @throws AppError `lab-unavailable` when the cluster lacks what the lab needs, or the operator does not allow it */
export async function refuseUnavailable(rows: Rows, lab: Asking): Promise<void> {
  const reason = (await labAvailability(rows))(lab)
  if (reason) throw new AppError('lab-unavailable', reason, { userMessage: reason })
}
