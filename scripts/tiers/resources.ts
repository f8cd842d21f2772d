import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { RunningCluster } from '#cluster/contract.ts'
import { migrate } from '../database.ts'
import { freePort } from '../free-port.ts'
import {
  ADDITIONS,
  add,
  type Built,
  bootCluster,
  buildParts,
  clusterOffers,
  imageMap,
  type OnStage,
} from '../lab-cluster.ts'
import { DATA } from '../paths.ts'
import { startPostgres } from '../postgres.ts'

/** The cluster's folder in tests. It stays, as its image store is a cache; what runs in it does not. */
export const TEST_CLUSTER_DATA = join(DATA, 'test-cluster')

/**
 * What tests need from outside, each started when first asked for and stopped on disposal, last one first. DATABASE_URL
 * and KUBECONFIG are used where given: tests then make databases and namespaces of their own there.
 */
export class TestResources implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack()
  readonly #onStage: OnStage
  readonly #signal: AbortSignal
  #server: Promise<string> | undefined
  #parts: Promise<Built> | undefined
  #cluster: Promise<Record<string, string>> | undefined

  constructor(onStage: OnStage, signal: AbortSignal) {
    this.#onStage = onStage
    this.#signal = signal
  }

  /** A new empty database. */
  async emptyDatabase(): Promise<string> {
    this.#server ??= this.#startServer()
    const server = await this.#server
    const url = new URL(server)
    url.pathname = `/drydock_test_${randomUUID().slice(0, 8)}`
    const name = pg.escapeIdentifier(url.pathname.slice(1))
    await query(server, `create database ${name}`)
    this.#stack.defer(() => query(server, `drop database if exists ${name} with (force)`))
    return url.href
  }

  async migratedDatabase(): Promise<string> {
    const url = await this.emptyDatabase()
    await migrate(url)
    return url
  }

  /** The environment in which a process of Drydock's runs on `databaseUrl`, with nothing of it on a port that others use. */
  async environment(databaseUrl: string): Promise<Record<string, string>> {
    const port = String(await freePort())
    return {
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: port,
      NEXTAUTH_URL: `http://localhost:${port}`,
      NEXTAUTH_SECRET: randomBytes(32).toString('hex'),
      AUTH_DEV: '1',
    }
  }

  /** KUBECONFIG, DRYDOCK_IMAGES and what else the site's environment says of a running cluster. */
  cluster(): Promise<Record<string, string>> {
    this.#cluster ??= this.#startCluster()
    return this.#cluster
  }

  /** A folder that goes with the rest. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'drydock-test-'))
    chmodSync(folder, 0o711)
    this.#stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    return folder
  }

  async #startServer(): Promise<string> {
    const given = process.env.DATABASE_URL
    if (given) return given
    const folder = this.folder()
    const options = {
      dataDir: join(folder, 'pg'),
      log: join(folder, 'postgres.log'),
      password: randomBytes(16).toString('hex'),
      fsync: false,
    }
    const server = await startPostgres(options)
    this.#stack.defer(server.stop)
    return server.url
  }

  async #startCluster(): Promise<Record<string, string>> {
    const { KUBECONFIG, DRYDOCK_IMAGES } = process.env
    if (KUBECONFIG) return { KUBECONFIG, DRYDOCK_IMAGES: DRYDOCK_IMAGES ?? '{}' }
    // Nobody works on the machine meanwhile: full priority.
    this.#parts ??= buildParts(this.#onStage, this.#signal, 0)
    const built = await this.#parts
    const cluster: RunningCluster = await bootCluster(TEST_CLUSTER_DATA, built, this.#onStage)
    this.#stack.defer(cluster.stop)
    const known = [...built.images]
    for (const addition of ADDITIONS)
      known.push(...(await add(addition, TEST_CLUSTER_DATA, this.#onStage, this.#signal, 0)))
    const images = imageMap(known)
    return { KUBECONFIG: cluster.kubeconfig, DRYDOCK_IMAGES: JSON.stringify(images), ...clusterOffers() }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
