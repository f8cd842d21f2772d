import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from 'next-auth/jwt'
import { visitPort } from '#lab/visit-port.ts'
import { beginSession } from '#lib/auth/begin-session.ts'
import { sessionCookie } from '#lib/auth/session.ts'
import { activityTopic } from '#lib/checks/activity.ts'
import type { ContentLab } from '#lib/content/types.ts'
import { db } from '#lib/db/client.ts'
import { events } from '#lib/db/events.ts'
import { env } from '#lib/env.ts'
import { openPreview } from '#lib/previews/open-preview.ts'
import { typeAnswer } from '#lib/progress/type-answer.ts'
import type { Place, ProofPort, ProofSandbox, ProofTerminal } from '#lib/proof/proof-port.ts'
import type { ClusterPort } from '#lib/sandbox/cluster-port.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { parsePreparation, stepLines } from '#lib/sandbox/preparation.ts'
import { publish } from '#lib/sandbox/publish.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { isOver } from '#lib/sandbox/states.ts'
import { TerminalSession } from '#lib/terminal/client.ts'
import { connectFromNode } from '#lib/terminal/node-socket.ts'

/** Whatever nobody told of is looked at this often. */
const LOOK_MS = 500
/** What is told of in bursts is looked at once. */
const BURST_MS = 25
/** A Pod has 30 s to end, and its namespace goes after it. */
const GONE_MS = 120_000
const SHELL_MS = 60_000

type Options = { cluster: Pick<ClusterPort, 'listNamespaces'>; baseUrl: string }

/** Starts real sandboxes, each for a learner of its own, and reaches them by the ways that pages use. */
export class RealSandboxes implements ProofPort {
  readonly #options: Options
  readonly #live = new Set<RealSandbox>()

  constructor(options: Options) {
    this.#options = options
  }

  async start(labId: string, lab: ContentLab, { seed }: { seed: string }): Promise<ProofSandbox> {
    const { id: userId } = await db().user.create({ data: { name: 'prover' } })
    const token = await beginSession({ userId, userAgent: 'npm run lab' })
    const cookie = `${sessionCookie().name}=${await encode({ token, secret: env().NEXTAUTH_SECRET })}`
    const { id } = await startSandbox({ userId, labId, loadLab: async () => lab, seed })
    const onEnd = () => this.#live.delete(sandbox)
    const sandbox = new RealSandbox({ ...this.#options, id, userId, sessionId: token.sid, cookie, onEnd })
    this.#live.add(sandbox)
    return sandbox
  }

  async endAll(): Promise<void> {
    await Promise.allSettled([...this.#live].map((sandbox) => sandbox.end()))
  }
}

type RealOptions = Options & { userId: string; sessionId: string; cookie: string; onEnd: () => void }

class RealSandbox implements ProofSandbox {
  readonly id: string
  readonly #options: RealOptions
  readonly #unsubscribe: () => void
  #news = Promise.withResolvers<void>()
  #ended: Promise<string[]> | undefined

  constructor({ id, ...options }: RealOptions & { id: string }) {
    this.id = id
    this.#options = options
    this.#unsubscribe = events().subscribe(`sandbox:${id}`, () => this.#news.resolve())
  }

  view = () => getSandboxView({ userId: this.#options.userId, sandboxId: this.id })

  async preparation(): Promise<string[]> {
    const { preparation } = await db().sandbox.findUniqueOrThrow({ where: { id: this.id } })
    return stepLines(parsePreparation(preparation))
  }

  async judgedSince(moment: Date): Promise<ReadonlyMap<string, number>> {
    const counts = await db().verdict.groupBy({
      by: ['taskId'],
      where: { sandboxId: this.id, evaluatedAt: { gt: moment } },
      _count: true,
    })
    return new Map(counts.map(({ taskId, _count }) => [taskId, _count]))
  }

  async change(): Promise<void> {
    const timer = setTimeout(this.#news.resolve, LOOK_MS)
    await this.#news.promise
    clearTimeout(timer)
    await sleep(BURST_MS)
    this.#news = Promise.withResolvers()
  }

  async openTerminal({ machine, terminal }: Place, onOutput: (text: string) => void): Promise<ProofTerminal> {
    const { baseUrl, cookie } = this.#options
    const decoder = new TextDecoder()
    const attached = Promise.withResolvers<void>()
    const session = new TerminalSession({
      connect: connectFromNode({ baseUrl, cookie, sandbox: this.id, machine, terminal, client: randomUUID() }),
      preflight: async () => null,
      onOutput: (bytes, _replayed, parsed) => {
        onOutput(decoder.decode(bytes, { stream: true }))
        parsed()
        this.#news.resolve()
      },
      onAttached: () => attached.resolve(),
      onExit: (code) => onOutput(`\n[the shell ended: ${code}]\n`),
      onNotice: () => {},
      onState: (state) => {
        if (state.kind === 'ended') attached.reject(new Error(`the terminal ended: ${state.code} ${state.reason}`))
      },
      size: { cols: 80, rows: 24 },
    })
    session.start()
    const late = setTimeout(() => attached.reject(new Error(`no terminal ${terminal} on ${machine}`)), SHELL_MS)
    try {
      await attached.promise
    } catch (error) {
      session.stop()
      throw error
    } finally {
      clearTimeout(late)
    }
    return { input: (bytes) => void session.input(bytes), close: () => session.stop() }
  }

  async answer(taskId: string, value: string): Promise<void> {
    await typeAnswer({ userId: this.#options.userId, sandboxId: this.id, taskId, value })
  }

  async openPort(index: number): Promise<number> {
    const { userId, sessionId } = this.#options
    return visitPort(await openPreview({ sandboxId: this.id, index, userId, sessionId }))
  }

  /** `breakScene` draws one of them; a proof needs each. */
  async breakScene(scene: string, faultId: string): Promise<void> {
    await db().fault.create({ data: { sandboxId: this.id, scene, faultId } })
    publish(activityTopic(this.id, 'line'), `sandbox:${this.id}`)
  }

  end(): Promise<string[]> {
    this.#ended ??= this.#end().finally(() => this.#options.onEnd())
    return this.#ended
  }

  async #end(): Promise<string[]> {
    const { cluster, userId } = this.#options
    this.#unsubscribe()
    await endSandbox({ userId, sandboxId: this.id })
    for (const end = Date.now() + GONE_MS; Date.now() < end; await sleep(LOOK_MS)) {
      if (isOver((await this.view()).state)) break
    }
    const namespaces = await cluster.listNamespaces()
    return namespaces.filter(({ sandboxId }) => sandboxId === this.id).map(({ name }) => name)
  }
}
