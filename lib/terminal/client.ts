import {
  backoffMs,
  type Clock,
  type Connect,
  type ConnectionState,
  isFinal,
  type Refusal,
  realClock,
  type Socket,
} from '#lib/terminal/connection.ts'
import { Heartbeat } from '#lib/terminal/heartbeat.ts'
import { InputQueue } from '#lib/terminal/input-queue.ts'
import { OutputCursor, type OutputCursorOptions } from '#lib/terminal/output-cursor.ts'
import {
  type Attached,
  CLOSE,
  type ClientFrame,
  DEAD_AFTER_MS,
  decodeServer,
  encodeClient,
  type Notice,
  type ServerFrame,
} from '#lib/terminal/protocol.ts'

/** An attach that lasted this long was a good one: the next failure counts as the first. */
const STABLE_AFTER_MS = 5_000

/** Closes that end a session, with the code for a person's page; any other close is retried. */
const FINAL_CLOSE: Record<number, string> = {
  [CLOSE.protocolError]: 'protocol',
  [CLOSE.tooBig]: 'protocol',
  [CLOSE.unauthenticated]: 'unauthenticated',
  [CLOSE.notFound]: 'not-found',
  [CLOSE.gone]: 'gone',
}

/** `missedBytes`: output that passed by while away. `reset`: another stream than before, so the screen is stale. */
export type AttachedInfo = { pid: number; running: boolean; missedBytes: number; reset: boolean }

export type SessionOptions = {
  connect: Connect
  /** Asks the gateway over HTTP why a socket was refused, as WebSocket does not tell: null when it would be allowed. */
  preflight: () => Promise<Refusal | null>
  onOutput: OutputCursorOptions['onOutput']
  onAttached: (info: AttachedInfo) => void
  onExit: (code: number) => void
  onNotice: (notice: Notice) => void
  onState: (state: ConnectionState) => void
  size: { cols: number; rows: number }
  clock?: Clock
  random?: () => number
}

/**
 * The browser's end of one terminal. It reconnects by itself for as long as the sandbox lives; output continues at the
 * exact byte and input is typed exactly once, over any number of cuts. Begin with `start()`, end with `stop()`.
 */
export class TerminalSession {
  readonly #options: SessionOptions
  readonly #clock: Clock
  readonly #input = new InputQueue()
  readonly #output: OutputCursor
  readonly #heartbeat: Heartbeat
  #size: { cols: number; rows: number }
  /** The size that the holder knows of. */
  #sentSize: { cols: number; rows: number }
  #socket: Socket | null = null
  /** Raised with every socket: what belongs to an older one is ignored. */
  #generation = 0
  #attached = false
  #state: ConnectionState = { kind: 'connecting' }
  #failures = 0
  #error: { code: string; message: string } | null = null
  #cancelRetry = () => {}
  #cancelAttach = () => {}
  #cancelStable = () => {}

  constructor(options: SessionOptions) {
    this.#options = options
    this.#clock = options.clock ?? realClock
    this.#size = this.#sentSize = options.size
    this.#output = new OutputCursor({
      clock: this.#clock,
      onOutput: options.onOutput,
      sendAck: (offset) => this.#send({ type: 'ack', offset }),
    })
    this.#heartbeat = new Heartbeat({
      clock: this.#clock,
      sendPing: (token) => this.#send({ type: 'ping', token }),
      onHealth: ({ slow, rttMs }) => this.#setState({ kind: slow ? 'slow' : 'good', rttMs }),
      onDead: () => this.#retry(),
    })
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Nothing typed is still on its way: another page may take over this client id. */
  get settled(): boolean {
    return this.#input.empty
  }

  start(): void {
    if (!this.#socket && this.#state.kind !== 'ended') this.#open()
  }

  /** Leaves for good; the shell lives on. */
  stop(): void {
    this.#drop()
    this.#state = { kind: 'ended', code: 'stopped', reason: '' }
  }

  /** Types bytes, now or once there is a connection. False when nothing was taken: ended, or too much is waiting. */
  input(bytes: Uint8Array): boolean {
    if (this.#state.kind === 'ended' || !this.#input.push(bytes)) return false
    this.#flushInput()
    return true
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows }
    this.#flushSize()
  }

  /** Asks for a new shell after the old one has exited. */
  restart(): void {
    if (this.#attached) this.#send({ type: 'restart' })
  }

  /** The network or the page came back: try now instead of when the timer says. */
  poke(): void {
    if (this.#state.kind === 'reconnecting') this.#open()
    else if (this.#attached) this.#heartbeat.ping()
  }

  #open(): void {
    this.#drop()
    const generation = this.#generation
    const current = () => generation === this.#generation
    let opened = false
    this.#sentSize = this.#size
    const socket = this.#options.connect(
      { from: this.#output.from, ...this.#size },
      {
        onOpen: () => {
          opened = true
        },
        onMessage: (message) => {
          if (current()) this.#receive(message)
        },
        onClose: (code) => {
          if (current()) this.#closed(code, opened)
        },
      },
    )
    if (!current()) {
      socket.close()
      return
    }
    this.#socket = socket
    this.#cancelAttach = this.#clock.after(DEAD_AFTER_MS, () => this.#retry())
  }

  /** Forgets the socket and all that waits for it. */
  #drop(): void {
    this.#generation++
    const socket = this.#socket
    this.#socket = null
    this.#attached = false
    this.#heartbeat.stop()
    this.#output.detached()
    this.#cancelRetry()
    this.#cancelAttach()
    this.#cancelStable()
    socket?.close()
  }

  #closed(code: number, opened: boolean): void {
    const final = FINAL_CLOSE[code]
    if (final) this.#end(this.#error?.code ?? final, this.#error?.message ?? '')
    else this.#retry(code === CLOSE.goingAway)
    if (!final && !opened) void this.#askWhy()
  }

  async #askWhy(): Promise<void> {
    // No answer means that the gateway is away, which is what the retries are for.
    const refusal = await this.#options.preflight().catch(() => null)
    if (refusal && isFinal(refusal) && !this.#attached && this.#state.kind !== 'ended')
      this.#end(refusal.code, refusal.message)
  }

  #retry(sentAway = false): void {
    this.#drop()
    const waitMs = backoffMs(this.#failures++, sentAway, this.#options.random ?? Math.random)
    this.#cancelRetry = this.#clock.after(waitMs, () => this.#open())
    this.#setState({ kind: 'reconnecting', retryAt: this.#clock.now() + waitMs })
  }

  #end(code: string, reason: string): void {
    this.#drop()
    this.#setState({ kind: 'ended', code, reason })
  }

  #receive(message: Uint8Array): void {
    let frame: ServerFrame
    try {
      frame = decodeServer(message)
    } catch {
      this.#retry()
      return
    }
    this.#heartbeat.heard()
    const { onExit, onNotice } = this.#options
    if (frame.type === 'output') {
      if (!this.#attached || !this.#output.receive(frame.offset, frame.bytes)) this.#retry()
    } else if (frame.type === 'input-ack') {
      this.#input.acknowledge(frame.seq)
      this.#flushInput()
    } else if (frame.type === 'attached') this.#onAttached(frame)
    else if (frame.type === 'pong') this.#heartbeat.pong(frame.token)
    else if (frame.type === 'exit') onExit(frame.code)
    else if (frame.type === 'notice') onNotice(frame.notice)
    else this.#error = frame.error
  }

  #onAttached(frame: Attached): void {
    if (!this.#input.attached(frame.inputAck)) {
      // Another holder, as after the machine was replaced: its offsets mean nothing here, so begin with all it has.
      this.#output.forget()
      this.#open()
      return
    }
    const { missedBytes, reset } = this.#output.attached(frame)
    this.#attached = true
    this.#error = null
    this.#cancelAttach()
    this.#cancelStable = this.#clock.after(STABLE_AFTER_MS, () => {
      this.#failures = 0
    })
    this.#options.onAttached({ pid: frame.pid, running: frame.running, missedBytes, reset })
    this.#setState({ kind: 'good', rttMs: null })
    this.#flushSize()
    this.#flushInput()
    this.#heartbeat.ping()
  }

  #flushSize(): void {
    const { cols, rows } = this.#size
    if (!this.#attached || (cols === this.#sentSize.cols && rows === this.#sentSize.rows)) return
    this.#sentSize = this.#size
    this.#send({ type: 'resize', cols, rows })
  }

  #flushInput(): void {
    if (!this.#attached) return
    for (let next = this.#input.take(); next; next = this.#input.take()) this.#send({ type: 'input', ...next })
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(encodeClient(frame))
  }

  #setState(state: ConnectionState): void {
    this.#state = state
    this.#options.onState(state)
  }
}
