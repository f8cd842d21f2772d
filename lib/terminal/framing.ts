import { type Bytes, ProtocolError } from '#lib/terminal/protocol.ts'

const PREFIX = 4

/** A message as it goes over a byte stream: its length as u32 big-endian, then the message. */
export function lengthPrefixed(message: Uint8Array): Bytes {
  const out = new Uint8Array(PREFIX + message.length)
  new DataView(out.buffer).setUint32(0, message.length)
  out.set(message, PREFIX)
  return out
}

/**
 * Turns a byte stream, cut anywhere, back into messages. A message that lies whole in a chunk is handed on as a view
 * of it; only one that spans chunks is copied. Throws ProtocolError for an empty or too long message, and is of no
 * further use then.
 */
export function createDeframer(maxMessageBytes: number, onMessage: (message: Uint8Array) => void) {
  const prefix = new Uint8Array(PREFIX)
  let prefixFilled = 0
  let message: Uint8Array | null = null
  let filled = 0

  return function push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (message) {
        const taken = Math.min(message.length - filled, chunk.length - at)
        message.set(chunk.subarray(at, at + taken), filled)
        filled += taken
        at += taken
        if (filled === message.length) {
          const whole = message
          message = null
          onMessage(whole)
        }
        continue
      }
      const taken = Math.min(PREFIX - prefixFilled, chunk.length - at)
      prefix.set(chunk.subarray(at, at + taken), prefixFilled)
      prefixFilled += taken
      at += taken
      if (prefixFilled < PREFIX) return
      prefixFilled = 0
      const length = new DataView(prefix.buffer).getUint32(0)
      if (length === 0) throw new ProtocolError('bad-size', 'an empty message')
      if (length > maxMessageBytes) throw new ProtocolError('too-large', `a message of ${length} bytes`)
      if (chunk.length - at >= length) {
        onMessage(chunk.subarray(at, at + length))
        at += length
      } else {
        message = new Uint8Array(length)
        filled = 0
      }
    }
  }
}
