import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '#lib/errors.ts'
import { ExecSocket } from '#lib/previews/exec-socket.ts'
import type { Preview } from '#lib/previews/find-preview.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

export const UPSTREAM_LIMITS = {
  /** Connections for requests, and those that were upgraded; each is a process beside the machine. */
  connections: 8,
  upgraded: 4,
  /** Requests of one sandbox that are under way or wait for a connection. */
  requests: 100,
}
export type UpstreamLimits = typeof UPSTREAM_LIMITS

/** A connection that nobody uses is closed after this: it is a process, and another port may wait for its place. */
const IDLE_MS = 5000
const IDLE_PER_PORT = 2

class DialAgent extends Agent {
  readonly #exec: ExecPort
  /** By the name that stands for the host, the port it leads to. */
  readonly ports = new Map<string, Preview>()

  constructor(exec: ExecPort, options: AgentOptions) {
    super(options)
    this.#exec = exec
  }

  /** At once, not by its callback: what is still opening counts towards the bound. */
  override createConnection({ host }: ClientRequestArgs): Duplex {
    const preview = this.ports.get(host ?? '')
    if (!preview) throw new Error(`no port ${host}`)
    return new ExecSocket(this.#exec, preview)
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if (!(socket instanceof ExecSocket)) return false
    socket.setTimeout(IDLE_MS)
    return true
  }
}

type Upstream = { agent: DialAgent; requests: number; upgraded: number; forget?: NodeJS.Timeout | undefined }

/** Connections to the machines of sandboxes, reused and bounded for each sandbox. */
export class Upstreams {
  readonly #exec: ExecPort
  readonly #limits: UpstreamLimits
  readonly #bySandbox = new Map<string, Upstream>()

  constructor(exec: ExecPort, limits: Partial<UpstreamLimits> = {}) {
    this.#exec = exec
    this.#limits = { ...UPSTREAM_LIMITS, ...limits }
  }

  /** The agent and the host by which a request reaches a port; `done` when it is over. @throws AppError `limit-reached` */
  request(sandboxId: string, preview: Preview): { agent: Agent; host: string; done: () => void } {
    const upstream = this.#of(sandboxId)
    if (upstream.requests >= this.#limits.requests)
      throw new AppError('limit-reached', `sandbox ${sandboxId} has ${upstream.requests} requests under way`)
    upstream.requests++
    const host = `${preview.target.pod} ${preview.address}`
    upstream.agent.ports.set(host, preview)
    return { agent: upstream.agent, host, done: () => this.#done(sandboxId, upstream, 'requests') }
  }

  /** A connection of its own, which is counted until it closes. @throws AppError `limit-reached` */
  upgrade(sandboxId: string, preview: Preview): ExecSocket {
    const upstream = this.#of(sandboxId)
    if (upstream.upgraded >= this.#limits.upgraded)
      throw new AppError('limit-reached', `sandbox ${sandboxId} has ${upstream.upgraded} upgraded connections`)
    upstream.upgraded++
    const socket = new ExecSocket(this.#exec, preview)
    socket.once('close', () => this.#done(sandboxId, upstream, 'upgraded'))
    return socket
  }

  close(): void {
    for (const { agent, forget } of this.#bySandbox.values()) {
      clearTimeout(forget)
      agent.destroy()
    }
    this.#bySandbox.clear()
  }

  #of(sandboxId: string): Upstream {
    const known = this.#bySandbox.get(sandboxId)
    if (known) {
      clearTimeout(known.forget)
      return known
    }
    const agent = new DialAgent(this.#exec, {
      keepAlive: true,
      maxTotalSockets: this.#limits.connections,
      maxFreeSockets: IDLE_PER_PORT,
    })
    const upstream: Upstream = { agent, requests: 0, upgraded: 0 }
    this.#bySandbox.set(sandboxId, upstream)
    return upstream
  }

  /** Nothing is kept of a sandbox for which nobody asks. */
  #done(sandboxId: string, upstream: Upstream, what: 'requests' | 'upgraded'): void {
    upstream[what]--
    if (upstream.requests + upstream.upgraded > 0) return
    clearTimeout(upstream.forget)
    upstream.forget = setTimeout(() => {
      if (this.#bySandbox.get(sandboxId) === upstream) this.#bySandbox.delete(sandboxId)
      upstream.agent.destroy()
    }, 2 * IDLE_MS).unref()
  }
}
