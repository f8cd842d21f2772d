import { EventEmitter } from 'node:events'
import pg from 'pg'
import { env } from '#lib/env.ts'

/**
 * Wake-up hints between processes over PostgreSQL's NOTIFY. A hint may be lost: whoever waits for one also polls.
 * Topics: `sandbox:<id>` (its view changed), `queue` (a sandbox wants the reconciler), `cluster` (ClusterStatus changed),
 * `line:<id>` and `output:<id>` (something goes on in the sandbox's terminals).
 */
const CHANNEL = 'drydock'

class Events {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  #listening: Promise<void> | undefined
  #listener: pg.Client | undefined
  #publisher: pg.Pool | undefined
  #closed = false

  subscribe(topic: string, onHint: () => void): () => void {
    this.#listening ??= this.#listen()
    this.#emitter.on(topic, onHint)
    return () => this.#emitter.off(topic, onHint)
  }

  async publish(topic: string): Promise<void> {
    this.#publisher ??= new pg.Pool({ connectionString: env().DATABASE_URL, max: 1 })
    await this.#publisher.query('select pg_notify($1, $2)', [CHANNEL, topic])
  }

  /** For a process that goes on without its database. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled([this.#listener?.end(), this.#publisher?.end()])
  }

  async #listen(): Promise<void> {
    if (this.#closed) return
    const client = new pg.Client({ connectionString: env().DATABASE_URL, keepAlive: true })
    this.#listener = client
    const again = () => {
      client.removeAllListeners()
      client.on('error', () => {})
      void client.end().catch(() => {})
      setTimeout(() => void this.#listen(), 1000).unref()
    }
    client.on('notification', (message) => this.#emitter.emit(message.payload ?? ''))
    client.on('error', again)
    client.on('end', again)
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
    } catch {
      again()
    }
  }
}

const shared = globalThis as { drydockEvents?: Events }

export function events(): Events {
  shared.drydockEvents ??= new Events()
  return shared.drydockEvents
}
