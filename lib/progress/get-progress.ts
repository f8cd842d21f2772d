import { db } from '#lib/db/client.ts'
import { type Debrief, summary, timeAndHints } from '#lib/progress/get-debrief.ts'
import { isLive } from '#lib/sandbox/states.ts'

export type AttemptSummary = Debrief & {
  id: string
  labId: string
  startedAt: Date
  solvedAt: Date | null
  running: boolean
}
/** A person's work: attempts and lesson visits, newest first. */
export type UserProgress = { attempts: AttemptSummary[]; visits: { lessonId: string; visitedAt: Date }[] }

const NEWEST = 200

/** What the user did, for their progress page, the catalogue's marks and the point to go on from. */
export async function getProgress({ userId }: { userId: string }): Promise<UserProgress> {
  const [attempts, visits] = await Promise.all([
    db().attempt.findMany({
      where: { userId },
      orderBy: { startedAt: 'desc' },
      take: NEWEST,
      select: { ...timeAndHints, id: true, labId: true },
    }),
    db().lessonVisit.findMany({
      where: { userId },
      orderBy: { visitedAt: 'desc' },
      take: NEWEST,
      select: { lessonId: true, visitedAt: true },
    }),
  ])
  const live = await db().sandbox.findMany({
    where: { userId, attemptId: { in: attempts.map(({ id }) => id) } },
    select: { attemptId: true, state: true },
  })
  const running = new Set(live.filter(({ state }) => isLive(state)).map(({ attemptId }) => attemptId))
  return {
    attempts: attempts.map((attempt) => ({
      id: attempt.id,
      labId: attempt.labId,
      startedAt: attempt.startedAt,
      solvedAt: attempt.solvedAt,
      assisted: attempt.assisted,
      ...summary(attempt),
      running: running.has(attempt.id),
    })),
    visits,
  }
}

/**
 * How far the user is with a lesson or challenge: one with a lab is done when it was solved and begun when it was
 * opened; one to read is done when it was opened.
 */
export function markOf(
  { attempts, visits }: UserProgress,
  item: { id: string; lab: unknown },
): 'done' | 'begun' | null {
  const mine = attempts.filter(({ labId }) => labId === item.id)
  const opened = visits.some(({ lessonId }) => lessonId === item.id)
  if (mine.some(({ solved }) => solved) || (opened && !item.lab)) return 'done'
  return mine.length > 0 || opened ? 'begun' : null
}
