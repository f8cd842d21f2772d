const SOONEST_MS = 200
const ACTIVE_MS = 1000
export const IDLE_MS = 5000
/** Nobody attached and no input for this long: idle. */
const IDLE_AFTER_MS = 60_000

/**
 * Milliseconds from one round of scripts to the next, given how long ago somebody last worked in the sandbox. What a
 * typed line does takes a moment, or a while: it is looked at soon, and again after as long as has passed since.
 */
export const pauseMs = (sinceActivityMs: number): number =>
  sinceActivityMs > IDLE_AFTER_MS ? IDLE_MS : Math.min(ACTIVE_MS, Math.max(SOONEST_MS, sinceActivityMs))
