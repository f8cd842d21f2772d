import type { Clock } from '#lib/terminal/connection.ts'
import { DEAD_AFTER_MS, HEARTBEAT_INTERVAL_MS } from '#lib/terminal/protocol.ts'

const SLOW_RTT_MS = 400
/** A ping without an answer for so long makes the connection slow before it is dead. */
const SLOW_SILENCE_MS = 2_000

export type HeartbeatOptions = {
  clock: Clock
  sendPing: (token: Uint8Array) => void
  onHealth: (health: { slow: boolean; rttMs: number | null }) => void
  onDead: () => void
}

/**
 * Pings every 5 s and tells good from slow from dead. Dead is 15 s of silence *after a ping*: browsers slow the timers of
 * hidden pages down to one a minute, so the time since the last message alone says nothing.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #beat = 0
  #pingSentAt: number | null = null
  #cancelNext = () => {}
  #cancelSlow = () => {}
  #cancelDead = () => {}

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** Pings now unless an answer is being waited for; then every 5 s. */
  ping(): void {
    if (this.#pingSentAt !== null) return
    const { clock, sendPing, onHealth, onDead } = this.#options
    this.#cancelNext()
    this.#pingSentAt = clock.now()
    const token = new Uint8Array(8)
    new DataView(token.buffer).setUint32(0, ++this.#beat)
    this.#cancelSlow = clock.after(SLOW_SILENCE_MS, () => onHealth({ slow: true, rttMs: null }))
    this.#cancelDead = clock.after(DEAD_AFTER_MS, onDead)
    sendPing(token)
  }

  /** Any message is a sign of life. */
  heard(): void {
    if (this.#pingSentAt === null) return
    this.#cancelDead()
    this.#cancelDead = this.#options.clock.after(DEAD_AFTER_MS, this.#options.onDead)
  }

  pong(token: Uint8Array): void {
    const beat = new DataView(token.buffer, token.byteOffset, token.byteLength).getUint32(0)
    if (this.#pingSentAt === null || beat !== this.#beat) return
    const { clock, onHealth } = this.#options
    const rttMs = clock.now() - this.#pingSentAt
    this.stop()
    this.#cancelNext = clock.after(HEARTBEAT_INTERVAL_MS, () => this.ping())
    onHealth({ slow: rttMs > SLOW_RTT_MS, rttMs })
  }

  stop(): void {
    this.#pingSentAt = null
    this.#cancelNext()
    this.#cancelSlow()
    this.#cancelDead()
  }
}
