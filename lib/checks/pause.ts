const SOONEST_MS = 200
const ACTIVE_MS = 1000
export const IDLE_MS = 5000
/** Nobody attached and no input for this long: idle. */
const IDLE_AFTER_MS = 60_000
/** Where nothing is typed, rounds take at most one part in so many of the time: a class on a small node costs it no more. */
const SHARE = 5

/**
 * Milliseconds from one round of scripts to the next, given how long ago somebody last worked in the sandbox, whether
 * something was seen to change since, and how long the round took. What a typed line does takes a moment, or a while: it
 * is looked at soon, and again after as long as has passed since.
 */
export function pauseMs(last: { sinceActivityMs: number; seen: boolean; roundMs: number }): number {
  const { sinceActivityMs, seen, roundMs } = last
  if (sinceActivityMs > IDLE_AFTER_MS) return IDLE_MS
  if (sinceActivityMs < ACTIVE_MS && !seen) return Math.max(SOONEST_MS, sinceActivityMs)
  return Math.min(IDLE_MS, Math.max(ACTIVE_MS, (SHARE - 1) * roundMs))
}
