const SOONEST_MS = 200
const ACTIVE_MS = 1000
export const IDLE_MS = 5000
/** What changes later than it was begun is seen within one part in so many of the time since. */
const BACK_OFF = 10
/** Where nothing is typed, rounds take at most one part in so many of the time: a class on a small node costs it no more. */
const SHARE = 5

/**
 * Milliseconds from one round of scripts to the next, given how long ago a line was last typed, whether a verdict was seen
 * to turn since, how long ago anything went on in a terminal, and how long the round took. What a line does takes a
 * moment, or a while: it is looked at soon, and again after as long as has passed since. Otherwise once a second, and the
 * more rarely the longer the terminals are still.
 */
export function pauseMs(last: {
  sinceLineMs: number
  sinceActivityMs: number
  seen: boolean
  roundMs: number
}): number {
  const { sinceLineMs, sinceActivityMs, seen, roundMs } = last
  const restMs = Math.min(IDLE_MS, Math.max(ACTIVE_MS, sinceActivityMs / BACK_OFF, (SHARE - 1) * roundMs))
  return seen ? restMs : Math.min(restMs, Math.max(SOONEST_MS, sinceLineMs))
}
