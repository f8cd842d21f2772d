import type { Logger } from 'pino'
import { db } from '#lib/db/client.ts'
import type { ClusterPort, OwnedNamespace } from '#lib/sandbox/cluster-port.ts'
import { isOver } from '#lib/sandbox/states.ts'

const EVERY_MS = 15_000
/** A namespace nobody knows is left alone this long: its row may be a moment behind. */
const UNKNOWN_AGE_MS = 60_000
/** Deletion takes about five seconds; what lasts longer is held by a finalizer. */
const HELD_AFTER_MS = 10_000

type Options = {
  cluster: Pick<ClusterPort, 'listNamespaces' | 'deleteNamespace' | 'releaseNamespace'>
  now: () => Date
  log: Logger
}

/** Sees to it that no namespace of this instance stays without a sandbox. */
export class Sweeper {
  readonly #options: Options
  #dueAt = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** Something has ended: sweep with the next list. */
  hurry(): void {
    this.#dueAt = 0
  }

  get due(): boolean {
    return performance.now() >= this.#dueAt
  }

  /** All namespaces of this instance; null when there is no answer. */
  async list(): Promise<OwnedNamespace[] | null> {
    try {
      return await this.#options.cluster.listNamespaces()
    } catch (err) {
      this.#options.log.warn({ err }, 'namespaces not listed')
      return null
    }
  }

  /** Never throws; what it could not do, the next sweep does. */
  async sweep(namespaces: OwnedNamespace[]): Promise<void> {
    if (!this.due) return
    this.#dueAt = performance.now() + EVERY_MS
    try {
      await this.#deleteOrphans(namespaces.filter(({ terminatingSince }) => !terminatingSince))
      await this.#release(namespaces)
    } catch (err) {
      this.#options.log.warn({ err }, 'sweep failed')
    }
  }

  /**
   * Deletes, by uid, namespaces whose sandbox is over, or that no row knows. Acts on what it sees only; a list that is
   * empty or too short makes it do less, never more.
   */
  async #deleteOrphans(present: OwnedNamespace[]): Promise<void> {
    if (present.length === 0) return
    const { cluster, now, log } = this.#options
    const ids = present.map(({ sandboxId }) => sandboxId)
    const rows = await db().sandbox.findMany({ where: { id: { in: ids } }, select: { id: true, state: true } })
    const states = new Map(rows.map(({ id, state }) => [id, state]))
    for (const namespace of present) {
      const state = states.get(namespace.sandboxId)
      const unknown = state === undefined && now().getTime() - namespace.createdAt.getTime() > UNKNOWN_AGE_MS
      if (!unknown && !(state && isOver(state))) continue
      log.info({ namespace: namespace.name, sandboxId: namespace.sandboxId, state }, 'sweeping a namespace')
      await cluster.deleteNamespace(namespace)
    }
  }

  /** Whoever deleted it: nothing brings a namespace back that is being deleted, so nothing in it is worth waiting for. */
  async #release(namespaces: OwnedNamespace[]): Promise<void> {
    const { cluster, now, log } = this.#options
    for (const namespace of namespaces) {
      const { name, sandboxId, terminatingSince } = namespace
      if (!terminatingSince || now().getTime() - terminatingSince.getTime() < HELD_AFTER_MS) continue
      const objects = await cluster.releaseNamespace(namespace)
      log.warn({ namespace: name, sandboxId, objects }, 'a namespace does not go: took finalizers off its objects')
    }
  }
}
