import { z } from 'zod'
import { db } from '#lib/db/client.ts'

const STATES = ['building', 'booting', 'ready', 'unreachable', 'failed', 'none'] as const

/** What the cluster is doing, in words for a page. `done`/`total` are weighted units, `etaSeconds` null while unknown. */
export type ClusterStatusView = {
  state: (typeof STATES)[number]
  component: string
  step: string
  done: number
  total: number
  etaSeconds: number | null
  message: string | null
}

/** The cluster as whoever boots or watches it last said; `none` when nobody said anything. */
export async function getClusterStatus(): Promise<ClusterStatusView> {
  const row = await db().clusterStatus.findUnique({ where: { id: 1 } })
  if (!row) return { state: 'none', component: '', step: '', done: 0, total: 0, etaSeconds: null, message: null }
  const { component, step, done, total, etaSeconds, message } = row
  const state = z.enum(STATES).catch('unreachable').parse(row.state)
  return { state, component, step, done, total, etaSeconds, message }
}
