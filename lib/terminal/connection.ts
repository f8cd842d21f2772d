/** Time as the session sees it; `after` returns what cancels it. Replaced in tests. */
export type Clock = { now: () => number; after: (ms: number, run: () => void) => () => void }

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** One socket. `onClose` comes exactly once, also when the socket never opened. */
export type Socket = { send: (message: Uint8Array<ArrayBuffer>) => void; close: () => void }
export type SocketHandlers = {
  onOpen: () => void
  onMessage: (message: Uint8Array) => void
  onClose: (code: number, reason: string) => void
}
export type Connect = (query: { from: number; cols: number; rows: number }, handlers: SocketHandlers) => Socket

/** What the badge shows. `rttMs`: last round trip to the gateway; `retryAt`: on the session's clock. */
export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'good' | 'slow'; rttMs: number | null }
  | { kind: 'reconnecting'; retryAt: number }
  | { kind: 'ended'; code: string; reason: string }

/** Why the gateway will not have us: an HTTP status, and the words of its error body. */
export type Refusal = { status: number; code: string; message: string }

const BACKOFF = { firstMs: 250, lastMs: 5_000 }

/**
 * Milliseconds before the next attempt: none after a cut of a good connection, unless the gateway sent all of its sockets
 * away at once; then doubling, each between half and the whole of its step.
 */
export function backoffMs(failures: number, sentAway: boolean, random: () => number): number {
  if (failures === 0) return sentAway ? BACKOFF.firstMs * random() : 0
  const step = Math.min(BACKOFF.firstMs * 2 ** Math.min(failures - 1, 10), BACKOFF.lastMs)
  return step * (0.5 + random() / 2)
}

/** Answers that no waiting will change. Others (429, 503, 409 while a sandbox is made or mended) may. */
export const isFinal = (refusal: Refusal): boolean => [400, 401, 403, 404, 410].includes(refusal.status)
