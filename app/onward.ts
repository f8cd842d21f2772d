import type { Catalogue, Challenge, Lesson } from '#lib/content/types.ts'
import { markOf, type UserProgress } from '#lib/progress/get-progress.ts'

export type Onward = { why: 'running' | 'unsolved' | 'next' | 'first'; item: Lesson | Challenge }

/**
 * The one point to go on from: a machine that runs, else the newest unsolved attempt, else the first thing that is not
 * done, lessons before challenges. Null when the catalogue is empty.
 */
export function onward(content: Catalogue, progress: UserProgress | null): Onward | null {
  const items = [...content.courses.flatMap(({ lessons }) => lessons), ...content.challenges]
  const byId = (id: string) => items.find((item) => item.id === id)
  const attempts = progress?.attempts ?? []
  const solved = new Set(attempts.filter((attempt) => attempt.solved).map(({ labId }) => labId))

  const running = byId(attempts.find((attempt) => attempt.running)?.labId ?? '')
  if (running) return { why: 'running', item: running }
  const unsolved = byId(attempts.find(({ labId }) => !solved.has(labId))?.labId ?? '')
  if (unsolved) return { why: 'unsolved', item: unsolved }
  const next = items.find((item) => !progress || markOf(progress, item) !== 'done') ?? items[0]
  const begun = attempts.length > 0 || (progress?.visits.length ?? 0) > 0
  return next ? { why: begun ? 'next' : 'first', item: next } : null
}
