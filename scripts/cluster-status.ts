import pg from 'pg'
import type { Progress } from '#cluster/contract.ts'

export type ClusterState = 'building' | 'booting' | 'ready' | 'failed' | 'none'

/** Pages are told no more often than this while a state lasts. */
const INTERVAL_MS = 1000

const IDLE: Progress = { component: '', step: '', done: 0, total: 0, etaSeconds: null }

const SQL = `insert into "ClusterStatus" (id, state, component, step, done, total, "etaSeconds", message, "updatedAt")
  values (1, $1, $2, $3, $4, $5, $6, $7, now() at time zone 'utc')
  on conflict (id) do update set state = $1, component = $2, step = $3, done = $4, total = $5, "etaSeconds" = $6,
    message = $7, "updatedAt" = now() at time zone 'utc'`

/** Writes the ClusterStatus row, which pages show, and wakes those that wait for it (lib/db/events.ts). */
export class ClusterStatusWriter {
  readonly #pool: pg.Pool
  #state: ClusterState | undefined
  #writtenAtMs = 0
  #tail: Promise<void> = Promise.resolve()

  constructor(databaseUrl: string) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
    this.#pool.on('error', () => undefined)
  }

  /** Writes in the order of calls; a mere step is dropped when the last write is recent. Never throws: it is a notice. */
  write(state: ClusterState, progress: Progress = IDLE, message: string | null = null): Promise<void> {
    const now = Date.now()
    if (state === this.#state && now - this.#writtenAtMs < INTERVAL_MS) return this.#tail
    this.#state = state
    this.#writtenAtMs = now
    const { component, step, done, total, etaSeconds } = progress
    const eta = etaSeconds === null ? null : Math.round(etaSeconds)
    const values = [state, component, step, Math.round(done), Math.round(total), eta, message]
    this.#tail = this.#tail
      .then(async () => {
        await this.#pool.query(SQL, values)
        await this.#pool.query(`select pg_notify('drydock', 'cluster')`)
      })
      .catch((error) => console.error(`The cluster's state could not be stored: ${error.message}`))
    return this.#tail
  }

  async close(): Promise<void> {
    await this.#tail
    await this.#pool.end()
  }
}
