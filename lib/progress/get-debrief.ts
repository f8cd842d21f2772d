import { db } from '#lib/db/client.ts'

/** What a learner may look back on; `timeUsedSeconds` from the first moment a machine was there to the solve. */
export type Debrief = { solved: boolean; assisted: boolean; timeUsedSeconds: number | null; hintsUsed: number }

/** The look back on an attempt that is solved or whose solution was shown; null for any other, or someone else's. */
export async function getDebrief(owned: { userId: string; attemptId: string }): Promise<Debrief | null> {
  const attempt = await db().attempt.findFirst({
    where: { id: owned.attemptId, userId: owned.userId, OR: [{ solvedAt: { not: null } }, { assisted: true }] },
    select: timeAndHints,
  })
  return attempt && { ...summary(attempt), assisted: attempt.assisted }
}

export const timeAndHints = {
  startedAt: true,
  solvedAt: true,
  assisted: true,
  _count: { select: { hintUses: true } },
  sandboxes: { where: { readyAt: { not: null } }, orderBy: { readyAt: 'asc' }, take: 1, select: { readyAt: true } },
} as const

type Row = {
  startedAt: Date
  solvedAt: Date | null
  _count: { hintUses: number }
  sandboxes: { readyAt: Date | null }[]
}

export function summary({ startedAt, solvedAt, sandboxes, _count }: Row): Omit<Debrief, 'assisted'> {
  const from = sandboxes[0]?.readyAt ?? startedAt
  const timeUsedSeconds = solvedAt && Math.max(0, Math.round((solvedAt.getTime() - from.getTime()) / 1000))
  return { solved: solvedAt !== null, timeUsedSeconds, hintsUsed: _count.hintUses }
}
