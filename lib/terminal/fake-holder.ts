import type { Clock, Connect, SocketHandlers } from '#lib/terminal/connection.ts'
import { decodeClient, encodeServer, type ServerFrame, WINDOW_BYTES } from '#lib/terminal/protocol.ts'

/** Time that moves only when told to. For tests. */
export class ManualClock implements Clock {
  #now = 0
  #waiting: { at: number; run: () => void }[] = []

  now = () => this.#now

  after = (ms: number, run: () => void) => {
    const entry = { at: this.#now + ms, run }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry)
    }
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const due = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#waiting = this.#waiting.filter((other) => other !== due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
    }
    this.#now = until
  }
}

type Link = {
  handlers: SocketHandlers
  up: Uint8Array[]
  down: Uint8Array[]
  sent: number
  acked: number
  closed: boolean
}

/**
 * The PTY holder and the gateway in memory, as agent/PROTOCOL.md describes them, with a network whose messages move only
 * by `step` and are lost by `cut`. For tests.
 */
export class FakeHolder {
  output: number[] = []
  typed: number[] = []
  sizes: string[] = []
  restarts = 0
  ringBytes = 1 << 20
  /** Bytes in one OUTPUT. */
  batchBytes = 7
  refuse = false
  silent = false
  attaches = 0
  maxOutstanding = 0
  #link: Link | null = null

  get connected(): boolean {
    return this.#link !== null
  }

  readonly connect: Connect = (query, handlers) => {
    const link: Link = { handlers, up: [], down: [], sent: 0, acked: 0, closed: false }
    if (this.refuse) queueMicrotask(() => handlers.onClose(1006, ''))
    else {
      this.attaches++
      this.#link = link
      handlers.onOpen()
      const head = this.output.length
      const oldest = Math.max(0, head - this.ringBytes)
      const wanted = query.from < 0 ? oldest : query.from
      const start = wanted > head || wanted < oldest ? oldest : wanted
      link.sent = link.acked = start
      this.sizes.push(`${query.cols}x${query.rows}`)
      const gap = query.from >= 0 && start !== query.from
      this.#say(link, { type: 'attached', start, head, inputAck: this.typed.length, gap, running: true, pid: 42 })
    }
    return {
      send: (message) => void link.up.push(message.slice()),
      close: () => {
        link.closed = true
        if (this.#link === link) this.#link = null
      },
    }
  }

  say(frame: ServerFrame): void {
    if (this.#link) this.#say(this.#link, frame)
  }

  #say(link: Link, frame: ServerFrame): void {
    link.down.push(encodeServer(frame))
  }

  /** Moves one message, up or down; false when there is nothing to move. */
  step(down: boolean): boolean {
    const link = this.#link
    if (!link || this.silent) return false
    this.#pump(link)
    const message = (down ? link.down : link.up).shift()
    if (!message) return false
    if (down) link.handlers.onMessage(message)
    else this.#receive(link, message)
    return true
  }

  /** Breaks the connection: what is under way either way is lost. */
  cut(code = 1006): void {
    const link = this.#link
    this.#link = null
    link?.handlers.onClose(code, '')
  }

  /** Another holder in its place, as after the machine was replaced. */
  replace(): void {
    this.output = []
    this.typed = []
  }

  #pump(link: Link): void {
    while (link.sent < this.output.length && link.sent - link.acked < WINDOW_BYTES && link.down.length < 50) {
      const bytes = Uint8Array.from(this.output.slice(link.sent, link.sent + this.batchBytes))
      this.#say(link, { type: 'output', offset: link.sent, bytes })
      link.sent += bytes.length
      this.maxOutstanding = Math.max(this.maxOutstanding, link.sent - link.acked)
    }
  }

  #receive(link: Link, message: Uint8Array): void {
    const frame = decodeClient(message)
    if (frame.type === 'ping') this.#say(link, { type: 'pong', token: frame.token })
    else if (frame.type === 'ack') link.acked = Math.max(link.acked, frame.offset)
    else if (frame.type === 'resize') this.sizes.push(`${frame.cols}x${frame.rows}`)
    else if (frame.type === 'restart') this.restarts++
    else if (frame.type === 'input') {
      if (frame.seq > this.typed.length) throw new Error('a hole in the input')
      this.typed.push(...frame.bytes.subarray(this.typed.length - frame.seq))
      this.#say(link, { type: 'input-ack', seq: this.typed.length })
    }
  }
}
