/**
 * `drydock.terminal.v1`: what browser, gateway and PTY holder say to each other. Safe in a browser.
 *
 * A *message* is one type byte and a payload. On the WebSocket it is one binary message; on the exec's stdio it is
 * preceded by its length as u32, so a relay only adds or removes four bytes. All integers are big-endian.
 * Offsets and sequence numbers are absolute byte positions, held as numbers (exact up to 2^53).
 * The holder's side is described in agent/PROTOCOL.md.
 */

export const SUBPROTOCOL = 'drydock.terminal.v1'

const KiB = 1024
/** Output sent and not yet acknowledged, enforced by the holder. */
export const WINDOW_BYTES = 512 * KiB
/** Payload of a message from a client. */
export const CLIENT_PAYLOAD_MAX_BYTES = 64 * KiB
/** Payload of a message from the holder: it batches output to 32 KiB; the rest is room to grow. */
export const SERVER_PAYLOAD_MAX_BYTES = 128 * KiB
/** Input bytes that a client puts into one message. */
export const INPUT_CHUNK_BYTES = 32 * KiB
export const HEARTBEAT_INTERVAL_MS = 5_000
export const DEAD_AFTER_MS = 15_000
/** "Attach from the oldest byte that is still kept." */
export const FROM_OLDEST = -1
export const SIZE_MAX = { cols: 1000, rows: 1000 }

/** Why the gateway closes a socket, as WebSocket close codes. 44xx mirror HTTP's 4xx and are final. */
export const CLOSE = {
  normal: 1000,
  /** The gateway is being replaced: come back at once. */
  goingAway: 1001,
  protocolError: 1002,
  tooBig: 1009,
  /** The way to the machine broke: come back. */
  tryAgain: 1013,
  unauthenticated: 4401,
  notFound: 4404,
  /** The sandbox is over. */
  gone: 4410,
} as const

export class ProtocolError extends Error {
  readonly code: 'unknown-type' | 'bad-size' | 'too-large' | 'bad-value'

  constructor(code: ProtocolError['code'], message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.code = code
  }
}

export type Bytes = Uint8Array<ArrayBuffer>

export type ClientFrame =
  | { type: 'input'; seq: number; bytes: Uint8Array }
  | { type: 'resize'; cols: number; rows: number }
  | { type: 'ack'; offset: number }
  | { type: 'ping'; token: Uint8Array }
  | { type: 'restart' }

/** `start`: offset of the next OUTPUT; `head`: end of what was there before the attach; `inputAck`: input already typed. */
export type Attached = {
  type: 'attached'
  start: number
  head: number
  inputAck: number
  gap: boolean
  running: boolean
  pid: number
}

export type ServerFrame =
  | { type: 'output'; offset: number; bytes: Uint8Array }
  | Attached
  | { type: 'exit'; code: number }
  | { type: 'notice'; notice: Notice }
  | { type: 'pong'; token: Uint8Array }
  | { type: 'input-ack'; seq: number }
  | { type: 'error'; error: TerminalError }

/** A message for the person at the terminal; `kind` is for programs, `message` for people. */
export type Notice = { kind: string; message: string }
export type TerminalError = { code: string; message: string }

const CLIENT_TYPE = { input: 0x01, resize: 0x02, ack: 0x03, ping: 0x04, restart: 0x05 } as const
const SERVER_TYPE = {
  output: 0x81,
  attached: 0x82,
  exit: 0x83,
  notice: 0x84,
  pong: 0x85,
  'input-ack': 0x86,
  error: 0x87,
} as const
const GAP = 1
const RUNNING = 2

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A message of `type` with room for `size` bytes of payload, filled by `fill` (its view begins at the payload). */
function message(type: number, size: number, fill?: (view: DataView, out: Uint8Array) => void): Bytes {
  const out = new Uint8Array(1 + size)
  out[0] = type
  fill?.(new DataView(out.buffer, 1), out.subarray(1))
  return out
}

const numberedBytes = (type: number, position: number, bytes: Uint8Array) =>
  message(type, 8 + bytes.length, (view, out) => {
    view.setBigUint64(0, BigInt(position))
    out.set(bytes, 8)
  })

const position = (type: number, value: number) => message(type, 8, (view) => view.setBigUint64(0, BigInt(value)))

const json = (type: number, value: unknown) => {
  const text = new TextEncoder().encode(JSON.stringify(value))
  return message(type, text.length, (_, out) => out.set(text))
}

export function encodeClient(frame: ClientFrame): Bytes {
  switch (frame.type) {
    case 'input':
      return numberedBytes(CLIENT_TYPE.input, frame.seq, frame.bytes)
    case 'resize':
      return message(CLIENT_TYPE.resize, 4, (view) => {
        view.setUint16(0, frame.cols)
        view.setUint16(2, frame.rows)
      })
    case 'ack':
      return position(CLIENT_TYPE.ack, frame.offset)
    case 'ping':
      return message(CLIENT_TYPE.ping, 8, (_, out) => out.set(frame.token))
    case 'restart':
      return message(CLIENT_TYPE.restart, 0)
  }
}

export function encodeServer(frame: ServerFrame): Bytes {
  switch (frame.type) {
    case 'output':
      return numberedBytes(SERVER_TYPE.output, frame.offset, frame.bytes)
    case 'attached':
      return message(SERVER_TYPE.attached, 29, (view) => {
        view.setBigUint64(0, BigInt(frame.start))
        view.setBigUint64(8, BigInt(frame.head))
        view.setBigUint64(16, BigInt(frame.inputAck))
        view.setUint8(24, (frame.gap ? GAP : 0) | (frame.running ? RUNNING : 0))
        view.setUint32(25, frame.pid)
      })
    case 'exit':
      return message(SERVER_TYPE.exit, 4, (view) => view.setInt32(0, frame.code))
    case 'notice':
      return json(SERVER_TYPE.notice, frame.notice)
    case 'pong':
      return message(SERVER_TYPE.pong, 8, (_, out) => out.set(frame.token))
    case 'input-ack':
      return position(SERVER_TYPE['input-ack'], frame.seq)
    case 'error':
      return json(SERVER_TYPE.error, frame.error)
  }
}

/** Decodes a client's message; byte fields are views into it. Throws ProtocolError. */
export function decodeClient(bytes: Uint8Array): ClientFrame {
  if (bytes.length - 1 > CLIENT_PAYLOAD_MAX_BYTES) throw new ProtocolError('too-large', `${bytes.length} bytes`)
  const { type, payload, view } = open(bytes)
  switch (type) {
    case CLIENT_TYPE.input:
      atLeast(payload, 8)
      return { type: 'input', seq: u64(view, 0), bytes: payload.subarray(8) }
    case CLIENT_TYPE.resize: {
      exactly(payload, 4)
      const [cols, rows] = [view.getUint16(0), view.getUint16(2)]
      if (cols < 1 || rows < 1 || cols > SIZE_MAX.cols || rows > SIZE_MAX.rows)
        throw new ProtocolError('bad-value', `a size of ${cols} × ${rows}`)
      return { type: 'resize', cols, rows }
    }
    case CLIENT_TYPE.ack:
      exactly(payload, 8)
      return { type: 'ack', offset: u64(view, 0) }
    case CLIENT_TYPE.ping:
      exactly(payload, 8)
      return { type: 'ping', token: payload }
    case CLIENT_TYPE.restart:
      exactly(payload, 0)
      return { type: 'restart' }
    default:
      throw new ProtocolError('unknown-type', `client message of type ${type}`)
  }
}

/** Decodes a message of the gateway or holder; byte fields are views into it. Throws ProtocolError. */
export function decodeServer(bytes: Uint8Array): ServerFrame {
  if (bytes.length - 1 > SERVER_PAYLOAD_MAX_BYTES) throw new ProtocolError('too-large', `${bytes.length} bytes`)
  const { type, payload, view } = open(bytes)
  switch (type) {
    case SERVER_TYPE.output:
      atLeast(payload, 8)
      return { type: 'output', offset: u64(view, 0), bytes: payload.subarray(8) }
    case SERVER_TYPE.attached: {
      exactly(payload, 29)
      const flags = view.getUint8(24)
      return {
        type: 'attached',
        start: u64(view, 0),
        head: u64(view, 8),
        inputAck: u64(view, 16),
        gap: (flags & GAP) !== 0,
        running: (flags & RUNNING) !== 0,
        pid: view.getUint32(25),
      }
    }
    case SERVER_TYPE.exit:
      exactly(payload, 4)
      return { type: 'exit', code: view.getInt32(0) }
    case SERVER_TYPE.notice: {
      const { kind, message } = textFields(payload, 'kind', 'message')
      return { type: 'notice', notice: { kind, message } }
    }
    case SERVER_TYPE.pong:
      exactly(payload, 8)
      return { type: 'pong', token: payload }
    case SERVER_TYPE['input-ack']:
      exactly(payload, 8)
      return { type: 'input-ack', seq: u64(view, 0) }
    case SERVER_TYPE.error: {
      const { code, message } = textFields(payload, 'code', 'message')
      return { type: 'error', error: { code, message } }
    }
    default:
      throw new ProtocolError('unknown-type', `server message of type ${type}`)
  }
}

function open(bytes: Uint8Array): { type: number; payload: Uint8Array; view: DataView } {
  const type = bytes[0]
  if (type === undefined) throw new ProtocolError('bad-size', 'an empty message')
  const payload = bytes.subarray(1)
  return { type, payload, view: viewOf(payload) }
}

function exactly(payload: Uint8Array, size: number): void {
  if (payload.length !== size) throw new ProtocolError('bad-size', `${payload.length} bytes where ${size} belong`)
}

function atLeast(payload: Uint8Array, size: number): void {
  if (payload.length < size) throw new ProtocolError('bad-size', `${payload.length} bytes where ${size} or more belong`)
}

function u64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at))
  if (!Number.isSafeInteger(value)) throw new ProtocolError('bad-value', 'a position beyond 2^53')
  return value
}

function textFields<A extends string, B extends string>(payload: Uint8Array, a: A, b: B): Record<A | B, string> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    throw new ProtocolError('bad-value', 'not JSON in UTF-8')
  }
  const fields = Object.entries(typeof value === 'object' && value !== null ? value : {})
  const text = (name: string) => String(fields.find(([key]) => key === name)?.[1] ?? '')
  return { [a]: text(a), [b]: text(b) } as Record<A | B, string>
}
