import type { Logger } from 'pino'
import { db } from '#lib/db/client.ts'
import type { ClusterPort, OwnedNamespace } from '#lib/sandbox/cluster-port.ts'
import { isOver } from '#lib/sandbox/states.ts'

/** A namespace nobody knows is left alone this long: its row may be a moment behind. */
const UNKNOWN_AGE_MS = 60_000

/**
 * Deletes, by uid, this instance's namespaces whose sandbox is over, or that no row knows. Acts on what it sees only; a
 * list that is empty or too short makes it do less, never more.
 */
export async function sweep(options: {
  namespaces: OwnedNamespace[]
  cluster: Pick<ClusterPort, 'deleteNamespace'>
  now: Date
  log: Logger
}): Promise<void> {
  const { cluster, now, log } = options
  const present = options.namespaces.filter(({ terminating }) => !terminating)
  if (present.length === 0) return
  const ids = present.map(({ sandboxId }) => sandboxId)
  const rows = await db().sandbox.findMany({ where: { id: { in: ids } }, select: { id: true, state: true } })
  const states = new Map(rows.map(({ id, state }) => [id, state]))
  for (const namespace of present) {
    const state = states.get(namespace.sandboxId)
    const unknown = state === undefined && now.getTime() - namespace.createdAt.getTime() > UNKNOWN_AGE_MS
    if (!unknown && !(state && isOver(state))) continue
    log.info({ namespace: namespace.name, sandboxId: namespace.sandboxId, state }, 'sweeping a namespace')
    await cluster.deleteNamespace(namespace)
  }
}
