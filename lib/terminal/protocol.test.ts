import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CLIENT_PAYLOAD_MAX_BYTES,
  type ClientFrame,
  decodeClient,
  decodeServer,
  encodeClient,
  encodeServer,
  ProtocolError,
  SERVER_PAYLOAD_MAX_BYTES,
  type ServerFrame,
} from '#lib/terminal/protocol.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const position = fc.maxSafeNat()
const token = fc.uint8Array({ minLength: 8, maxLength: 8 })
const text = fc.string({ unit: 'grapheme', maxLength: 40 })

const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({ type: fc.constant('input' as const), seq: position, bytes }),
  fc.record({
    type: fc.constant('resize' as const),
    cols: fc.integer({ min: 1, max: 1000 }),
    rows: fc.integer({ min: 1, max: 1000 }),
  }),
  fc.record({ type: fc.constant('ack' as const), offset: position }),
  fc.record({ type: fc.constant('ping' as const), token }),
  fc.record({ type: fc.constant('restart' as const) }),
)

const serverFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
  fc.record({ type: fc.constant('output' as const), offset: position, bytes }),
  fc.record({
    type: fc.constant('attached' as const),
    start: position,
    head: position,
    inputAck: position,
    gap: fc.boolean(),
    running: fc.boolean(),
    pid: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  }),
  fc.record({ type: fc.constant('exit' as const), code: fc.integer() }),
  fc.record({ type: fc.constant('notice' as const), notice: fc.record({ kind: text, message: text }) }),
  fc.record({ type: fc.constant('pong' as const), token }),
  fc.record({ type: fc.constant('input-ack' as const), seq: position }),
  fc.record({ type: fc.constant('error' as const), error: fc.record({ code: text, message: text }) }),
)

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
  return 'no error'
}

describe('messages', () => {
  it('come back as they were sent', () => {
    fc.assert(fc.property(clientFrame, (frame) => void expect(decodeClient(encodeClient(frame))).toEqual(frame)))
    fc.assert(fc.property(serverFrame, (frame) => void expect(decodeServer(encodeServer(frame))).toEqual(frame)))
  })

  it('have the bytes that agent/PROTOCOL.md gives', () => {
    const hex = (message: Uint8Array) => Buffer.from(message).toString('hex')
    expect(hex(encodeClient({ type: 'input', seq: 0x0102, bytes: new Uint8Array([0x61]) }))).toBe(
      '01000000000000010261',
    )
    expect(hex(encodeClient({ type: 'resize', cols: 80, rows: 24 }))).toBe('0200500018')
    expect(
      hex(
        encodeServer({ type: 'attached', start: 1, head: 2, inputAck: 3, gap: true, running: true, pid: 0x0a0b0c0d }),
      ),
    ).toBe(`82${'0'.repeat(15)}1${'0'.repeat(15)}2${'0'.repeat(15)}3030a0b0c0d`)
    expect(hex(encodeServer({ type: 'exit', code: -1 }))).toBe('83ffffffff')
  })

  it('decode to a value or a ProtocolError, whatever the bytes', () => {
    for (const decode of [decodeClient, decodeServer])
      fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (any) => void codeOf(() => decode(any))))
  })

  it('are refused by name', () => {
    expect(codeOf(() => decodeClient(new Uint8Array()))).toBe('bad-size')
    expect(codeOf(() => decodeClient(new Uint8Array([0x81])))).toBe('unknown-type')
    expect(codeOf(() => decodeServer(new Uint8Array([0x01])))).toBe('unknown-type')
    expect(codeOf(() => decodeClient(new Uint8Array([0x02, 0, 80])))).toBe('bad-size')
    expect(codeOf(() => decodeClient(new Uint8Array([0x02, 0, 0, 0, 24])))).toBe('bad-value')
    expect(codeOf(() => decodeClient(new Uint8Array([0x03, ...Array(8).fill(255)])))).toBe('bad-value')
    expect(codeOf(() => decodeServer(new Uint8Array([0x84, 0x7b, 0xff])))).toBe('bad-value')
    expect(codeOf(() => decodeClient(new Uint8Array(CLIENT_PAYLOAD_MAX_BYTES + 2)))).toBe('too-large')
    expect(codeOf(() => decodeServer(new Uint8Array(SERVER_PAYLOAD_MAX_BYTES + 2)))).toBe('too-large')
  })
})
