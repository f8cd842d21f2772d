import type { Logger } from 'pino'
import type { Prisma } from '#generated/prisma/client.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError, assertExhaustive } from '#lib/errors.ts'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import type { ClusterPort, Manifest, OwnedNamespace } from '#lib/sandbox/cluster-port.ts'
import { type Decision, decide } from '#lib/sandbox/decide.ts'
import { labTimes } from '#lib/sandbox/duration.ts'
import { labRegistries } from '#lib/sandbox/lab-images.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { type HeldLease, holdLease, releaseLease } from '#lib/sandbox/lease.ts'
import { usesKubernetes } from '#lib/sandbox/machine-profiles.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { Observed } from '#lib/sandbox/observed.ts'
import { writeClusterStatus } from '#lib/sandbox/reconcile-cluster-status.ts'
import { sweep } from '#lib/sandbox/reconcile-sweep.ts'
import { isOver, isUsable, LIVE_STATES } from '#lib/sandbox/states.ts'
import { transition } from '#lib/sandbox/transition.ts'

export type ReconcileOptions = {
  cluster: ClusterPort
  instance: string
  /** Names this process among the reconcilers. */
  holder: string
  images: () => Record<string, string>
  now: () => Date
  log: Logger
  /** Called when a job of its own has ended, so that the next tick can come at once. */
  wake: () => void
}

export type SandboxRow = Prisma.SandboxGetPayload<{ include: { labVersion: true } }>
export type TickResult = { lease: HeldLease | null; usable: SandboxRow[] }

const LEASE = 'reconciler'
const LEASE_TTL_MS = 6000
const SWEEP_EVERY_MS = 15_000
const RETRY_MS = 2000

/** What this process remembers of a sandbox between ticks. Losing it costs a repeated, idempotent call. */
type Memory = { since: Date; createdHere: boolean; job: Promise<void> | null; retryAt: number }

/**
 * Makes the cluster what the rows say, any number of times. One tick looks at every live sandbox once; calls to the cluster
 * run beside it, one at a time per sandbox.
 */
export class SandboxReconcile {
  readonly observed = new Observed()
  readonly #options: ReconcileOptions
  readonly #memory = new Map<string, Memory>()
  #lease: (HeldLease & { renewAt: number }) | null = null
  #identity: { uid: string; sync: number } | null = null
  /** The cluster whose policies are in place, and for which images. */
  #guarded: string | undefined
  #sweepAt = 0
  #open = false

  constructor(options: ReconcileOptions) {
    this.#options = options
  }

  /** Decides and acts once. Without the lease it only keeps watching. */
  async tick(): Promise<TickResult> {
    const lease = await this.#holdLease()
    if (!lease) return { lease, usable: [] }
    await this.#identify()
    const answers = await writeClusterStatus(this.observed, this.#trusted, this.#options.now())
    this.#open = answers && (await this.#guard())
    const rows = await db().sandbox.findMany({
      where: { state: { in: [...LIVE_STATES, 'ending'] } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      include: { labVersion: true },
    })
    this.#forget(rows)
    const decisions = rows.map((row) => ({ row, decision: this.#decide(row, null) }))
    const namespaces = await this.#namespaces(decisions.map(({ decision }) => decision))
    for (const { row, decision } of decisions) {
      const looks = decision.kind === 'look' || decision.kind === 'delete'
      await this.#act(row, looks && namespaces ? this.#decide(row, namespaces) : decision, lease)
    }
    if (namespaces) await this.#sweep(namespaces)
    return { lease, usable: rows.filter(({ state }) => isUsable(state)) }
  }

  /** Resolves when no call to the cluster is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#memory.values()].map(({ job }) => job))
  }

  async stop(): Promise<void> {
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

  /** Asks which cluster it is after every complete list, and believes no list before it knows. */
  async #identify(): Promise<void> {
    const { syncs, complete } = this.observed
    if (!complete || this.#identity?.sync === syncs) return
    try {
      this.#identity = { uid: await this.#options.cluster.identity(), sync: syncs }
    } catch (err) {
      this.#options.log.warn({ err }, 'the cluster lists pods but does not say which one it is')
    }
  }

  /** No machine is made in a cluster before its admission policies are in place, or known to be somebody else's task. */
  async #guard(): Promise<boolean> {
    const { cluster, images, log } = this.#options
    let refs: Record<string, string>
    try {
      refs = images()
    } catch {
      return true // without images no machine is made either, and provisioning says why
    }
    // Images may come later than the cluster, and with another repository.
    const guarded = JSON.stringify([this.#identity?.uid, refs])
    if (this.#guarded === guarded) return true
    try {
      const may = await cluster.apply(admissionManifests(refs, labRegistries(env())))
      if (!may) log.warn('this platform may not install its admission policies: the cluster’s operator has to')
      this.#guarded = guarded
      return true
    } catch (err) {
      log.warn({ err }, 'the admission policies are not in place')
      return false
    }
  }

  get #trusted(): boolean {
    return this.observed.complete && this.#identity?.sync === this.observed.syncs
  }

  #decide(row: SandboxRow, namespaces: OwnedNamespace[] | null): Decision {
    const memory = this.#remember(row.id)
    if (memory.job) return { kind: 'stay' }
    return decide({
      ...row,
      now: this.#options.now(),
      machineNames: parseDefinition(row.labVersion.definition).lab.machines.map((machine) => machine.name),
      machines: this.#trusted ? this.observed.machines(row.id) : null,
      clusterOpen: this.#open,
      clusterDown: this.observed.down,
      otherCluster: row.clusterUid !== null && row.clusterUid !== this.#identity?.uid,
      provisioningSince: memory.since,
      createdHere: memory.createdHere,
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
        return this.#run(row, () => this.#create(row))
      case 'delete':
        return this.#run(row, () => this.#delete(row))
      default:
        return assertExhaustive(decision)
    }
  }

  async #move(row: SandboxRow, { to, reason }: Extract<Decision, { kind: 'move' }>, lease: HeldLease): Promise<void> {
    const now = this.#options.now()
    const becomesReady = to === 'ready' && !row.readyAt
    const { budgetMs } = labTimes(parseDefinition(row.labVersion.definition).lab)
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
    this.#options.log.info({ sandboxId: row.id, from: row.state, to, reason }, 'sandbox moved')
    if (isOver(to)) this.#sweepAt = 0
    this.#options.wake()
  }

  async #provision(row: SandboxRow, lease: HeldLease): Promise<void> {
    const clusterUid = this.#identity?.uid ?? null
    const manifests = await this.#manifests(row)
    if (!(await transition(row, { to: 'provisioning', reason: null, clusterUid }, lease))) return
    await this.#post(row, manifests)
  }

  #create = async (row: SandboxRow): Promise<void> => this.#post(row, await this.#manifests(row))

  async #delete(row: SandboxRow): Promise<void> {
    const { lab } = parseDefinition(row.labVersion.definition)
    const { sys, learner } = namespacesOf(row.id)
    const names = usesKubernetes(lab) ? [sys, learner] : [sys]
    await Promise.all(names.map((name) => this.#options.cluster.deleteNamespace({ name })))
  }

  async #manifests(row: SandboxRow): Promise<Manifest[]> {
    const { lab } = parseDefinition(row.labVersion.definition)
    const { instance, images, cluster } = this.#options
    const apiServer = usesKubernetes(lab) ? await cluster.apiServer() : []
    return sandboxManifests({
      sandboxId: row.id,
      instance,
      lab,
      images: images(),
      apiServer,
      registry: env().DRYDOCK_REGISTRY,
    })
  }

  async #post(row: SandboxRow, manifests: Manifest[]): Promise<void> {
    await this.#options.cluster.create(manifests)
    const memory = this.#remember(row.id)
    memory.createdHere = true
    memory.since = this.#options.now()
  }

  /** Starts a call beside the ticks; one that fails is tried again a little later, by whatever is decided then. */
  #run(row: SandboxRow, call: () => Promise<void>): void {
    const memory = this.#remember(row.id)
    if (memory.job || performance.now() < memory.retryAt) return
    memory.job = call()
      .catch((err: unknown) => this.#failed(row, err))
      .finally(() => {
        memory.job = null
        this.#options.wake()
      })
    // A namespace takes seconds to go: asking for it again at once would only repeat the call.
    if (row.state === 'ending') memory.retryAt = performance.now() + RETRY_MS * 5
  }

  async #failed(row: SandboxRow, err: unknown): Promise<void> {
    this.#remember(row.id).retryAt = performance.now() + RETRY_MS
    this.#options.log.warn({ err, sandboxId: row.id }, 'a call to the cluster failed')
    const reason = err instanceof AppError ? err.userMessage : 'The cluster refused the machine; trying again.'
    if (row.state === 'queued' && row.reason !== reason) await transition(row, { to: 'queued', reason })
  }

  async #namespaces(decisions: Decision[]): Promise<OwnedNamespace[] | null> {
    const due = performance.now() >= this.#sweepAt
    const asked = decisions.some(({ kind }) => kind === 'look' || kind === 'delete')
    if (!this.#trusted || (!due && !asked)) return null
    try {
      return await this.#options.cluster.listNamespaces()
    } catch (err) {
      this.#options.log.warn({ err }, 'namespaces not listed')
      return null
    }
  }

  async #sweep(namespaces: OwnedNamespace[]): Promise<void> {
    if (performance.now() < this.#sweepAt) return
    this.#sweepAt = performance.now() + SWEEP_EVERY_MS
    const { cluster, now, log } = this.#options
    await sweep({ namespaces, cluster, now: now(), log }).catch((err: unknown) => log.warn({ err }, 'sweep failed'))
  }

  #remember(id: string): Memory {
    let memory = this.#memory.get(id)
    if (!memory) {
      memory = { since: this.#options.now(), createdHere: false, job: null, retryAt: 0 }
      this.#memory.set(id, memory)
    }
    // Time with a cluster that does not answer counts against nobody.
    if (!this.#trusted) memory.since = this.#options.now()
    return memory
  }

  #forget(rows: SandboxRow[]): void {
    const ids = new Set(rows.map(({ id }) => id))
    for (const [id, { job }] of this.#memory) if (!ids.has(id) && !job) this.#memory.delete(id)
  }
}
