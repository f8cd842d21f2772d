import type { Logger } from 'pino'
import type { Prisma } from '#generated/prisma/client.ts'
import { db } from '#lib/db/client.ts'
import { AppError, assertExhaustive } from '#lib/errors.ts'
import { parseVars } from '#lib/sandbox/attempt-vars.ts'
import type { ClusterPort, Manifest, OwnedNamespace } from '#lib/sandbox/cluster-port.ts'
import { type Decision, decide } from '#lib/sandbox/decide.ts'
import { budgetFor } from '#lib/sandbox/duration.ts'
import { podNames } from '#lib/sandbox/ingress.ts'
import type { Resolve } from '#lib/sandbox/lab-egress.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { type HeldLease, holdLease, releaseLease } from '#lib/sandbox/lease.ts'
import type { Observed } from '#lib/sandbox/observed.ts'
import { needsPreparation, parsePreparation } from '#lib/sandbox/preparation.ts'
import { prepareSandbox } from '#lib/sandbox/prepare-sandbox.ts'
import type { ClusterOffer } from '#lib/sandbox/reconcile-capabilities.ts'
import { ClusterKnowledge } from '#lib/sandbox/reconcile-cluster.ts'
import { Memory } from '#lib/sandbox/reconcile-memory.ts'
import { Sweeper } from '#lib/sandbox/reconcile-sweep.ts'
import { SandboxObjects } from '#lib/sandbox/sandbox-objects.ts'
import { isOver, isUsable, LIVE_STATES } from '#lib/sandbox/states.ts'
import { transition } from '#lib/sandbox/transition.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

export type ReconcileOptions = {
  cluster: ClusterPort
  exec: ExecPort
  /** What the cluster offers; without it no lab is held back. */
  offer?: ClusterOffer
  instance: string
  /** Names this process among the reconcilers. */
  holder: string
  images: () => Record<string, string>
  /** How hosts outside that labs open are found; as this machine finds them, where left out. */
  resolve?: Resolve
  now: () => Date
  log: Logger
  /** Called when a job of its own has ended, so that the next tick can come at once. */
  wake: () => void
}

const INCLUDE = {
  labVersion: true,
  user: { select: { role: true } },
  attempt: { select: { vars: true } },
} as const
export type SandboxRow = Prisma.SandboxGetPayload<{ include: typeof INCLUDE }>
export type TickResult = { lease: HeldLease | null; usable: SandboxRow[] }

const LEASE = 'reconciler'
const LEASE_TTL_MS = 6000
const RETRY_MS = 2000

/** What a tick knows beside the rows, which it read at `readAt` by `performance.now()`. */
type Seen = { namespaces: OwnedNamespace[] | null; full: boolean; readAt: number }

/**
 * Makes the cluster what the rows say, any number of times. One tick looks at every live sandbox once; calls to the cluster
 * run beside it, one at a time per sandbox.
 */
export class SandboxReconcile {
  readonly #options: ReconcileOptions
  readonly #known: ClusterKnowledge
  readonly #objects: SandboxObjects
  readonly #sweeper: Sweeper
  readonly #memory = new Map<string, Memory>()
  #lease: (HeldLease & { renewAt: number }) | null = null

  constructor(options: ReconcileOptions) {
    this.#options = options
    this.#known = new ClusterKnowledge(options)
    this.#objects = new SandboxObjects(options)
    this.#sweeper = new Sweeper(options)
  }

  /** What the watch of the pods is to be told to. */
  get observed(): Observed {
    return this.#known.observed
  }

  /** Decides and acts once. Without the lease it only keeps watching. */
  async tick(): Promise<TickResult> {
    const lease = await this.#holdLease()
    if (!lease) return { lease, usable: [] }
    await this.#known.look()
    const readAt = performance.now()
    const rows = await db().sandbox.findMany({
      where: { state: { in: [...LIVE_STATES, 'ending'] } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      include: INCLUDE,
    })
    this.#forget(rows)
    let full = false
    const decisions = rows.map((row) => {
      const decision = this.#decide(row, { namespaces: null, full, readAt })
      // First come, first served: whoever came later waits for whoever waits for room.
      full ||= row.state === 'provisioning' && this.#waitsForRoom(row)
      return { row, decision }
    })
    const looked = decisions.some(({ decision: { kind } }) => kind === 'look' || kind === 'delete')
    const namespaces = this.#known.trusted && (looked || this.#sweeper.due) ? await this.#sweeper.list() : null
    for (const { row, decision } of decisions) {
      const looks = decision.kind === 'look' || decision.kind === 'delete'
      await this.#act(row, looks && namespaces ? this.#decide(row, { namespaces, full, readAt }) : decision, lease)
    }
    if (namespaces) await this.#sweeper.sweep(namespaces)
    return { lease, usable: rows.filter(({ state }) => isUsable(state)) }
  }

  /** Resolves when no call to the cluster is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#memory.values()].map((memory) => memory.idle()))
  }

  async stop(): Promise<void> {
    for (const memory of this.#memory.values()) memory.abort()
    await this.idle()
    if (this.#lease) await releaseLease(this.#lease)
    this.#lease = null
  }

  async #holdLease(): Promise<HeldLease | null> {
    const now = performance.now()
    if (this.#lease && now < this.#lease.renewAt) return this.#lease
    const lease = await holdLease({ name: LEASE, holder: this.#options.holder, ttlMs: LEASE_TTL_MS })
    this.#lease = lease && { ...lease, renewAt: now + LEASE_TTL_MS / 3 }
    return lease
  }

  #waitsForRoom({ id }: SandboxRow): boolean {
    return this.#known.trusted && this.observed.machines(id).some(({ problem }) => problem?.kind === 'no-room')
  }

  #decide(row: SandboxRow, { namespaces, full, readAt }: Seen): Decision {
    const memory = this.#remember(row)
    if (row.state === 'ending') memory.abort()
    if (memory.outdates(readAt)) return { kind: 'stay' }
    const { lab } = parseDefinition(row.labVersion.definition)
    const { trusted, open, uid } = this.#known
    return decide({
      ...row,
      now: this.#options.now(),
      machineNames: podNames(lab),
      machines: trusted ? this.observed.machines(row.id) : null,
      clusterOpen: open && !full,
      clusterDown: this.observed.down,
      availability: this.#known.availability(lab),
      fits: memory.fits,
      otherCluster: row.clusterUid !== null && row.clusterUid !== uid,
      provisioningSince: memory.since,
      createdHere: memory.createdHere,
      prepared: !needsPreparation(lab) || parsePreparation(row.preparation).done,
      namespaceGone: namespaces && !namespaces.some(({ sandboxId }) => sandboxId === row.id),
    })
  }

  async #act(row: SandboxRow, decision: Decision, lease: HeldLease): Promise<void> {
    switch (decision.kind) {
      case 'stay':
      case 'look':
        return
      case 'move':
        return this.#move(row, decision, lease)
      case 'provision':
        return this.#run(row, () => this.#provision(row, lease))
      case 'create':
        return this.#run(row, async () => this.#post(row, await this.#objects.manifests(row)))
      case 'prepare':
        return this.#run(row, (signal) => this.#prepare(row, signal))
      case 'measure':
        return this.#run(row, async () => {
          this.#remember(row).fits = await this.#objects.fit(row)
        })
      case 'delete':
        return this.#run(row, () => this.#objects.delete(row))
      default:
        return assertExhaustive(decision)
    }
  }

  async #move(row: SandboxRow, { to, reason }: Extract<Decision, { kind: 'move' }>, lease: HeldLease): Promise<void> {
    const now = this.#options.now()
    const becomesReady = to === 'ready' && !row.readyAt
    const budgetMs = budgetFor(row.user, parseDefinition(row.labVersion.definition).lab)
    const done = await transition(
      row,
      {
        to,
        reason,
        ...(becomesReady ? { readyAt: now, expiresAt: new Date(now.getTime() + budgetMs) } : {}),
        ...(isOver(to) ? { endedAt: now } : {}),
      },
      lease,
    )
    if (!done) return
    const problems = this.observed.machines(row.id).flatMap(({ problem }) => problem ?? [])
    this.#options.log.info({ sandboxId: row.id, from: row.state, to, reason, problems }, 'sandbox moved')
    if (isOver(to)) this.#sweeper.hurry()
    this.#options.wake()
  }

  async #provision(row: SandboxRow, lease: HeldLease): Promise<void> {
    const clusterUid = this.#known.uid
    const manifests = await this.#objects.manifests(row)
    if (!(await transition(row, { to: 'provisioning', reason: null, clusterUid }, lease))) return
    await this.#post(row, manifests)
  }

  async #post(row: SandboxRow, manifests: Manifest[]): Promise<void> {
    await this.#options.cluster.create(manifests)
    const memory = this.#remember(row)
    memory.createdHere = true
    memory.since = this.#options.now()
  }

  #prepare(row: SandboxRow, signal: AbortSignal): Promise<void> {
    const { exec, log } = this.#options
    const definition = parseDefinition(row.labVersion.definition)
    const sandbox = { ...row, definition, vars: parseVars(row.attempt.vars) }
    return prepareSandbox({ sandbox, exec, signal, log })
  }

  /** Starts a call beside the ticks; one that fails is tried again a little later, by whatever is decided then. */
  #run(row: SandboxRow, call: (signal: AbortSignal) => Promise<void>): void {
    const memory = this.#remember(row)
    const attempt = async (signal: AbortSignal) => {
      try {
        await call(signal)
      } catch (err) {
        await this.#failed(row, err)
      }
    }
    const started = memory.run(attempt, this.#options.wake)
    // A namespace takes seconds to go: asking for it again at once would only repeat the call.
    if (started && row.state === 'ending') memory.rest(RETRY_MS * 5)
  }

  async #failed(row: SandboxRow, err: unknown): Promise<void> {
    if (err instanceof Error && err.name === 'AbortError') return
    this.#remember(row).rest(RETRY_MS)
    this.#options.log.warn({ err, sandboxId: row.id }, 'a call to the cluster failed')
    const reason = err instanceof AppError ? err.userMessage : 'The cluster refused the machine; trying again.'
    if (row.state === 'queued' && row.reason !== reason) await transition(row, { to: 'queued', reason })
    // Refused for good. One that was queued when it was posted is asked for once more, and comes back here.
    const refused = err instanceof AppError && err.code === 'lab-unavailable'
    if (row.state === 'provisioning' && refused) {
      await transition(row, { to: 'failed', reason, endedAt: this.#options.now() })
      this.#sweeper.hurry()
    }
  }

  #remember(row: SandboxRow): Memory {
    const now = this.#options.now()
    const memory = this.#memory.get(row.id) ?? new Memory(now)
    this.#memory.set(row.id, memory)
    // Time with a cluster that does not answer, or has no room for what would fit, counts against nobody.
    if (!this.#known.trusted || (memory.fits !== false && this.#waitsForRoom(row))) memory.since = now
    return memory
  }

  #forget(rows: SandboxRow[]): void {
    const ids = new Set(rows.map(({ id }) => id))
    for (const [id, { busy }] of this.#memory) if (!ids.has(id) && !busy) this.#memory.delete(id)
  }
}
