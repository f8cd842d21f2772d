import { Duplex } from 'node:stream'
import { AGENT_PATH } from '#lib/sandbox/names.ts'
import type { ExecPort, ExecStatus, ExecStream, ExecTarget } from '#lib/terminal/exec-port.ts'

/** Bytes waiting for a machine that does not read, at which nothing more is taken, and taken again. */
const INPUT_HIGH_BYTES = 256 * 1024
const INPUT_LOW_BYTES = 64 * 1024
const DRAIN_CHECK_MS = 20
/** `agent dial` ends with this where nobody accepts. */
const EXIT_NOBODY = 3

const failed = (code: 'ECONNREFUSED' | 'ECONNRESET', message: string) => Object.assign(new Error(message), { code })

/**
 * A TCP connection made by `agent dial` in a pod, as a stream that Node's http client takes for a socket. What it is told
 * before the connection stands waits in the pipe. It fails with ECONNREFUSED where nobody accepts.
 */
export class ExecSocket extends Duplex {
  /** Of silence, after which `timeout` is emitted, as http.Agent reads it. */
  timeout = 0
  #timer: NodeJS.Timeout | undefined
  #drain: NodeJS.Timeout | undefined
  #stream: ExecStream | undefined
  #wanted = true
  readonly #open: () => Promise<ExecStream>

  /** Fails with an AppError when the pod cannot be reached. */
  constructor(exec: ExecPort, { target, address }: { target: ExecTarget; address: string }) {
    super({ allowHalfOpen: false })
    this.#open = () =>
      exec.open(target, [AGENT_PATH, 'dial', address], {
        onStdout: (bytes) => this.#receive(bytes),
        onEnd: (status) => this.#end(status),
      })
  }

  /** Called at once, a moment after the constructor; what is written waits for it. */
  override _construct(done: (error?: Error | null) => void): void {
    this.#open().then((stream) => {
      this.#stream = stream
      if (!this.#wanted) stream.pause()
      done()
    }, done)
  }

  override _read(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#stream?.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#heard()
    this.#stream?.write(chunk)
    if (this.#waiting() < INPUT_HIGH_BYTES) {
      done()
      return
    }
    this.#drain = setInterval(() => {
      if (this.#waiting() > INPUT_LOW_BYTES) return
      clearInterval(this.#drain)
      done()
    }, DRAIN_CHECK_MS)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream?.endInput()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    clearInterval(this.#drain)
    this.#stream?.close()
    done(error)
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    this.timeout = ms
    if (onTimeout) this.once('timeout', onTimeout)
    clearTimeout(this.#timer)
    this.#timer = ms > 0 && !this.destroyed ? setTimeout(() => this.emit('timeout'), ms) : undefined
    return this
  }

  // What http.Agent calls on sockets. An exec pings by itself, holds nothing back, and keeps the process as any.
  setKeepAlive = (): this => this
  setNoDelay = (): this => this
  ref = (): this => this
  unref = (): this => this

  #waiting = (): number => this.#stream?.bufferedBytes ?? 0

  #heard(): void {
    this.#timer?.refresh()
  }

  #receive(bytes: Uint8Array): void {
    if (this.destroyed) return
    this.#heard()
    if (this.push(bytes)) return
    this.#wanted = false
    this.#stream?.pause()
  }

  #end({ exitCode, message }: ExecStatus): void {
    if (exitCode === 0) this.push(null)
    else if (exitCode === EXIT_NOBODY) this.destroy(failed('ECONNREFUSED', 'nobody accepts'))
    else this.destroy(failed('ECONNRESET', `the connection ended with ${exitCode ?? message}`))
  }
}
