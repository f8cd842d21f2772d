import { durationSeconds } from '#lib/labs/duration.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** How long a sandbox of the lab lives once it is ready, and by how much one extension prolongs it. */
export function labTimes(lab: Pick<Lab, 'time'>): { budgetMs: number; extendMs: number } {
  const { budget, extend } = lab.time ?? { budget: '45m', extend: '15m' }
  return { budgetMs: durationSeconds(budget) * 1000, extendMs: durationSeconds(extend) * 1000 }
}

/** How long a guest's sandbox lives at most. It cannot be extended, but for signing in. */
const GUEST_BUDGET_MS = 10 * 60_000

/** How long a sandbox of the lab lives for its owner once it is ready. */
export function budgetFor({ role }: { role: string }, lab: Pick<Lab, 'time'>): number {
  const { budgetMs } = labTimes(lab)
  return role === 'guest' ? Math.min(budgetMs, GUEST_BUDGET_MS) : budgetMs
}

/** Extendable ten times: WCAG 2.2.1. */
export const MAX_EXTENSIONS = 10
