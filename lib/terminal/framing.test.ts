import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeframer, lengthPrefixed } from '#lib/terminal/framing.ts'
import { ProtocolError } from '#lib/terminal/protocol.ts'

/** `stream` in pieces that end at the given places. */
function cutAt(stream: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b)
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end))
}

const concat = (parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]))

describe('deframer', () => {
  it('finds the same messages wherever the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 })
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 30 }), (sent, cuts) => {
        const received: number[][] = []
        const push = createDeframer(64, (message) => received.push([...message]))
        for (const piece of cutAt(concat(sent.map(lengthPrefixed)), cuts)) push(piece)
        expect(received).toEqual(sent.map((message) => [...message]))
      }),
    )
  })

  it('hands a message that lies in one chunk on without copying', () => {
    const chunk = lengthPrefixed(new Uint8Array([1, 2, 3]))
    let seen: Uint8Array | undefined
    createDeframer(64, (message) => {
      seen = message
    })(chunk)
    expect(seen?.buffer).toBe(chunk.buffer)
  })

  it('refuses an empty and an oversize message before taking memory for it', () => {
    const push = () => createDeframer(64, () => {})
    expect(() => push()(new Uint8Array([0, 0, 0, 0]))).toThrow(ProtocolError)
    expect(() => push()(new Uint8Array([0xff, 0xff, 0xff, 0xff]))).toThrow(ProtocolError)
    expect(() => push()(new Uint8Array([0, 0, 0, 65]))).toThrow(ProtocolError)
  })
})
