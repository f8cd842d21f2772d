import { INPUT_CHUNK_BYTES } from '#lib/terminal/protocol.ts'

/** Input kept for a resend; beyond it typing is refused rather than lost. */
const INPUT_PENDING_MAX_BYTES = 1024 * 1024
/** Input sent and not yet acknowledged: keeps a long paste from overrunning the gateway. */
const IN_FLIGHT_MAX_BYTES = 128 * 1024

/**
 * A client's input as one numbered stream: what is sent stays here until the holder has acknowledged it, so that after
 * a cut exactly the missing bytes are sent again.
 */
export class InputQueue {
  /** Consecutive; the first begins at `#acked`. */
  #chunks: Uint8Array[] = []
  #acked = 0
  #sent = 0
  #sentEver = 0
  #end = 0
  #numbered = false

  get empty(): boolean {
    return this.#end === this.#acked
  }

  /** Takes bytes of any length; false, and nothing taken, when too much is waiting already. */
  push(bytes: Uint8Array): boolean {
    if (this.#end - this.#acked + bytes.length > INPUT_PENDING_MAX_BYTES) return false
    for (let at = 0; at < bytes.length; at += INPUT_CHUNK_BYTES)
      this.#chunks.push(bytes.slice(at, at + INPUT_CHUNK_BYTES))
    this.#end += bytes.length
    return true
  }

  /**
   * A new attach, where the holder has typed everything before `inputAck`. The first one says where this stream begins
   * (the client id may be older than the page). False when the holder does not know this stream, as after the machine
   * was replaced: then what was waiting is dropped, because part of it may have been typed already.
   */
  attached(inputAck: number): boolean {
    if (!this.#numbered) {
      this.#numbered = true
      this.#end += inputAck - this.#acked
      this.#acked = this.#sent = this.#sentEver = inputAck
      return true
    }
    const known = inputAck >= this.#acked && inputAck <= this.#sentEver
    if (known) {
      this.acknowledge(inputAck)
    } else {
      this.#chunks = []
      this.#acked = this.#end = this.#sentEver = inputAck
    }
    this.#sent = inputAck
    return known
  }

  /** The holder has typed everything before `seq`. */
  acknowledge(seq: number): void {
    let typed = Math.min(seq, this.#sentEver) - this.#acked
    if (typed <= 0) return
    this.#acked += typed
    for (let first = this.#chunks[0]; first && typed > 0; first = this.#chunks[0]) {
      if (first.length > typed) this.#chunks[0] = first.subarray(typed)
      else this.#chunks.shift()
      typed -= Math.min(typed, first.length)
    }
    this.#sent = Math.max(this.#sent, this.#acked)
  }

  /** The next bytes to send, counted as sent; null when there are none or enough is under way. */
  take(): { seq: number; bytes: Uint8Array } | null {
    if (!this.#numbered || this.#sent - this.#acked >= IN_FLIGHT_MAX_BYTES) return null
    let position = this.#acked
    for (const chunk of this.#chunks) {
      if (position + chunk.length > this.#sent) {
        const next = { seq: this.#sent, bytes: chunk.subarray(this.#sent - position) }
        this.#sent = position + chunk.length
        this.#sentEver = Math.max(this.#sentEver, this.#sent)
        return next
      }
      position += chunk.length
    }
    return null
  }
}
