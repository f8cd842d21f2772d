import type { Clock } from '#lib/terminal/connection.ts'
import { type Attached, FROM_OLDEST } from '#lib/terminal/protocol.ts'

const ACK_EVERY_BYTES = 64 * 1024
const ACK_DELAY_MS = 100

export type OutputCursorOptions = {
  clock: Clock
  /** Output in order, each byte once. `replayed`: it was there before this attach. Call `parsed` when it is on screen. */
  onOutput: (bytes: Uint8Array, replayed: boolean, parsed: () => void) => void
  sendAck: (offset: number) => void
}

/** Where a client is in a terminal's output: what comes next, what is replay, what has been parsed and acknowledged. */
export class OutputCursor {
  readonly #options: OutputCursorOptions
  /** Offset of the next byte; null before the first attach. */
  #expected: number | null = null
  #replayEnd = 0
  #parsed = 0
  #acked = 0
  #connected = false
  /** Raised when the stream begins anew, so that late `parsed` calls of the old one do not count. */
  #stream = 0
  #forgotten = false
  #cancelAck: (() => void) | null = null

  constructor(options: OutputCursorOptions) {
    this.#options = options
  }

  /** What to ask for at the next attach. */
  get from(): number {
    return this.#expected ?? FROM_OLDEST
  }

  /** What came so far belongs to another holder. */
  forget(): void {
    this.#expected = null
    this.#forgotten = true
  }

  attached({ start, head }: Attached): { missedBytes: number; reset: boolean } {
    const expected = this.#expected ?? start
    const reset = this.#forgotten || start < expected
    this.#forgotten = false
    if (reset) this.#stream++
    this.#connected = true
    this.#expected = this.#acked = start
    this.#replayEnd = head
    this.#parsed = reset ? start : Math.max(this.#parsed, start)
    return { reset, missedBytes: reset ? 0 : start - expected }
  }

  detached(): void {
    this.#connected = false
    this.#cancelAck?.()
    this.#cancelAck = null
  }

  /** False when bytes are missing before these, which only a fault on the way can cause. */
  receive(offset: number, bytes: Uint8Array): boolean {
    const expected = this.#expected
    if (expected === null || offset > expected) return false
    const fresh = bytes.subarray(expected - offset)
    this.#expected = expected + fresh.length
    const replayed = Math.min(Math.max(this.#replayEnd - expected, 0), fresh.length)
    this.#deliver(fresh.subarray(0, replayed), true, expected + replayed)
    this.#deliver(fresh.subarray(replayed), false, expected + fresh.length)
    return true
  }

  #deliver(bytes: Uint8Array, replayed: boolean, end: number): void {
    if (bytes.length === 0) return
    const stream = this.#stream
    this.#options.onOutput(bytes, replayed, () => {
      if (stream !== this.#stream || end <= this.#parsed) return
      this.#parsed = end
      if (!this.#connected) return
      if (end - this.#acked >= ACK_EVERY_BYTES) this.#ack()
      else this.#cancelAck ??= this.#options.clock.after(ACK_DELAY_MS, () => this.#ack())
    })
  }

  #ack(): void {
    this.#cancelAck?.()
    this.#cancelAck = null
    if (this.#parsed <= this.#acked) return
    this.#acked = this.#parsed
    this.#options.sendAck(this.#parsed)
  }
}
