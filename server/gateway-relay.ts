import type { Logger } from 'pino'
import type WebSocket from 'ws'
import { type Activity, actsAtOnce, isMoreThanEcho } from '#lib/checks/activity.ts'
import { type AppError, toAppError } from '#lib/errors.ts'
import type { ExecPort, ExecStatus, ExecStream, ExecTarget } from '#lib/terminal/exec-port.ts'
import { createDeframer, lengthPrefixed } from '#lib/terminal/framing.ts'
import {
  CLOSE,
  DEAD_AFTER_MS,
  decodeClient,
  decodeServer,
  encodeServer,
  HEARTBEAT_INTERVAL_MS,
  ProtocolError,
  SERVER_PAYLOAD_MAX_BYTES,
  type TerminalError,
} from '#lib/terminal/protocol.ts'
import { TokenBucket } from '#server/token-bucket.ts'

/** Bytes waiting for a browser that does not read, at which its machine is no longer read from, and read again. */
const OUTPUT_HIGH_BYTES = 1024 * 1024
const OUTPUT_LOW_BYTES = 256 * 1024
/** Bytes waiting for a machine that does not read, at which its browser is no longer read from. */
const INPUT_HIGH_BYTES = 1024 * 1024
const THROTTLE_CHECK_MS = 50
/** A message costs at least so much of the input rate, so that a flood of empty ones is bounded too. */
const MESSAGE_COST_BYTES = 64
/** How long a browser may take to answer our close. */
const CLOSE_TIMEOUT_MS = 2_000
/** `agent attach` ends with this where no holder listens yet. */
const EXIT_NO_HOLDER = 4

export type RelayOptions = {
  socket: WebSocket
  exec: ExecPort
  target: ExecTarget
  command: string[]
  inputBytesPerSecond: number
  onActivity: (activity: Activity) => void
  log: Logger
}

/** Carries frames between one browser socket and one `agent attach`, both of which it closes in the end. */
export class Relay {
  readonly #options: RelayOptions
  readonly #bucket: TokenBucket
  readonly #deframe = createDeframer(1 + SERVER_PAYLOAD_MAX_BYTES, (message) => this.#toBrowser(message))
  #stream: ExecStream | null = null
  #outputPaused = false
  #throttled = false
  #told = false
  #ended = false
  #lastHeard = Date.now()
  readonly #heartbeat: NodeJS.Timeout

  constructor(options: RelayOptions) {
    this.#options = options
    this.#bucket = new TokenBucket(options.inputBytesPerSecond)
    const { socket, log } = options
    const heard = () => {
      this.#lastHeard = Date.now()
    }
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      heard()
      this.#fromBrowser(data, isBinary)
    })
    socket.on('pong', heard)
    socket.on('error', (err) => log.debug({ err }, 'terminal socket failed'))
    socket.on('close', () => this.#leave())
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS)
    // What the browser says first waits in its socket until there is someone to hear it.
    socket.pause()
  }

  async start(): Promise<void> {
    const { socket, exec, target, command, log } = this.#options
    try {
      const stream = await exec.open(target, command, {
        onStdout: (bytes) => this.#fromMachine(bytes),
        onStderr: (bytes) => log.debug({ stderr: Buffer.from(bytes).toString().slice(0, 500) }, 'attach says'),
        onEnd: (status) => this.#machineEnded(status),
      })
      if (this.#ended) return stream.close()
      this.#stream = stream
      socket.resume()
    } catch (thrown) {
      this.#refuse(toAppError(thrown))
    }
  }

  /** Says why, and closes. Nothing is relayed after it. */
  end(code: number, error?: TerminalError): void {
    if (this.#ended) return
    const { socket } = this.#options
    if (error) socket.send(encodeServer({ type: 'error', error }))
    this.#leave()
    socket.close(code)
    socket.resume()
    const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS)
    socket.once('close', () => clearTimeout(timer))
  }

  #leave(): void {
    this.#ended = true
    clearInterval(this.#heartbeat)
    this.#stream?.close()
    this.#stream = null
  }

  #refuse(error: AppError): void {
    const { log } = this.#options
    log.warn({ err: error }, 'no way to the machine')
    this.end(CLOSE.tryAgain, { code: error.code, message: error.userMessage })
  }

  #machineEnded({ exitCode, message }: ExecStatus): void {
    if (this.#ended) return
    this.#options.log.info({ exitCode, message }, 'attach ended')
    const why =
      exitCode === EXIT_NO_HOLDER
        ? 'The machine is still starting.'
        : 'The way to the machine broke; it is tried again.'
    this.end(CLOSE.tryAgain, { code: 'cluster-unavailable', message: why })
  }

  #fromMachine(bytes: Uint8Array): void {
    if (this.#ended) return
    try {
      this.#deframe(bytes)
    } catch (err) {
      // Root on a machine can make its own holder say anything; it costs them their own terminal.
      this.#options.log.warn({ err }, 'the machine sent no protocol of ours')
      this.end(CLOSE.tryAgain, {
        code: 'bad-machine',
        message: 'The terminal of this machine does not answer properly.',
      })
    }
  }

  #toBrowser(message: Uint8Array): void {
    if (this.#ended) return
    const { socket } = this.#options
    const frame = decodeServer(message)
    if (frame.type === 'output' && isMoreThanEcho(frame.bytes)) this.#options.onActivity('output')
    socket.send(message, { binary: true, compress: false }, this.#drained)
    if (this.#outputPaused || socket.bufferedAmount < OUTPUT_HIGH_BYTES) return
    this.#outputPaused = true
    this.#stream?.pause()
  }

  readonly #drained = () => {
    if (!this.#outputPaused || this.#options.socket.bufferedAmount > OUTPUT_LOW_BYTES) return
    this.#outputPaused = false
    this.#stream?.resume()
  }

  #fromBrowser(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return
    try {
      if (!isBinary) throw new ProtocolError('unknown-type', 'a text message')
      const frame = decodeClient(data)
      if (frame.type === 'ping') this.#options.socket.send(encodeServer({ type: 'pong', token: frame.token }))
      else this.#stream?.write(lengthPrefixed(data))
      if (frame.type === 'input' && actsAtOnce(frame.bytes)) this.#options.onActivity('line')
    } catch (thrown) {
      const code = thrown instanceof ProtocolError ? thrown.code : 'internal'
      this.#options.log.warn({ err: thrown }, 'bad message from a browser')
      this.end(CLOSE.protocolError, { code, message: 'This page sent something the terminal does not understand.' })
      return
    }
    this.#bucket.take(Math.max(data.length, MESSAGE_COST_BYTES))
    if (!this.#throttled && !this.#mayRead()) this.#throttle()
  }

  #mayRead(): boolean {
    return this.#bucket.level >= 0 && (this.#stream?.bufferedBytes ?? 0) < INPUT_HIGH_BYTES
  }

  /** Too much input is not lost and does not pile up: the browser is read no further until there is room. */
  #throttle(): void {
    const { socket } = this.#options
    this.#throttled = true
    socket.pause()
    const notice = { kind: 'throttled', message: 'Input comes faster than it may; it is slowed down.' }
    if (!this.#told) socket.send(encodeServer({ type: 'notice', notice }))
    this.#told = true
    const timer = setInterval(() => {
      if (!this.#ended && !this.#mayRead()) return
      clearInterval(timer)
      this.#throttled = false
      if (!this.#ended) socket.resume()
    }, THROTTLE_CHECK_MS)
  }

  #beat(): void {
    const { socket } = this.#options
    // A socket that is not being read cannot be heard.
    if (socket.isPaused) this.#lastHeard = Date.now()
    if (Date.now() - this.#lastHeard > DEAD_AFTER_MS) socket.terminate()
    else socket.ping()
  }
}
