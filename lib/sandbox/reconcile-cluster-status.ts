import { db } from '#lib/db/client.ts'
import type { Observed } from '#lib/sandbox/observed.ts'
import { publish } from '#lib/sandbox/publish.ts'

/** Whoever builds or boots the cluster writes its progress more often than this, or has died. */
const STALE_MS = 30_000
const BY_OTHERS = ['building', 'booting']

/**
 * Writes what the watch sees of the cluster, on change only, and resolves with whether machines may be made. Whoever
 * builds or boots it writes the same row, and has the last word until it is done: an API server answers before images
 * are loaded.
 */
export async function writeClusterStatus(observed: Observed, answers: boolean, now: Date): Promise<boolean> {
  const known = await db().clusterStatus.findUnique({ where: { id: 1 } })
  const inHands = BY_OTHERS.includes(known?.state ?? '') && now.getTime() - Number(known?.updatedAt) < STALE_MS
  if (inHands || (!answers && !observed.down)) return false
  const state = answers ? 'ready' : 'unreachable'
  // Why there is no cluster, or that it is being built, says more than that it does not answer.
  const saysMore = !answers && known && known.state !== 'ready'
  if (known?.state === state || saysMore) return answers
  const message = answers ? null : 'The cluster does not answer.'
  const data = { state, message, component: '', step: '', done: 0, total: 0, etaSeconds: null }
  await db().clusterStatus.upsert({ where: { id: 1 }, create: { id: 1, ...data }, update: data })
  publish('cluster', 'queue')
  return answers
}
