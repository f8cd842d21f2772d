import { stat } from 'node:fs/promises'
import { KubeConfig, type RequestContext } from '@kubernetes/client-node'
import { AppError } from '#lib/errors.ts'

/** How long one connection pool serves; exec plugins may hand out new client certificates in the meantime. */
const POOL_LIFE_MS = 5 * 60_000

/**
 * client-node 2.0.1 makes a new undici dispatcher, and with it a new TLS connection, for every single request
 * (`KubeConfig.createDispatcher`). This one keeps the first for a while, so that calls share connections.
 */
class PooledKubeConfig extends KubeConfig {
  #pool: { dispatcher: ReturnType<RequestContext['getDispatcher']>; until: number } | undefined

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context)
    if (!this.#pool || this.#pool.until < Date.now()) {
      this.#pool = { dispatcher: context.getDispatcher(), until: Date.now() + POOL_LIFE_MS }
    }
    if (this.#pool.dispatcher) context.setDispatcher(this.#pool.dispatcher)
  }
}

const unavailable = (message: string, cause?: unknown) => new AppError('cluster-unavailable', message, { cause })

/**
 * Reads a kubeconfig; without a path, the in-cluster configuration of the pod this process runs in.
 * @throws AppError `cluster-unavailable` when the file is missing, half written or names no cluster.
 */
export async function loadKubeConfig(path?: string): Promise<KubeConfig> {
  const config = new PooledKubeConfig()
  try {
    if (path) config.loadFromFile(path)
    else config.loadFromCluster()
  } catch (cause) {
    throw unavailable(path ? `the kubeconfig ${path} cannot be read` : 'there is no in-cluster configuration', cause)
  }
  if (!config.getCurrentCluster()?.server) throw unavailable('the kubeconfig names no current cluster')
  return config
}

/**
 * The cluster as the kubeconfig names it now. The file may appear minutes after the server has started, and the
 * embedded cluster writes it anew, with a new authority, whenever it boots.
 */
export class KubeConfigSource {
  readonly #path: string | undefined
  #loaded: { config: KubeConfig; version: string } | undefined

  constructor(path?: string) {
    this.#path = path
  }

  /** The same object until the file changes. @throws AppError `cluster-unavailable` */
  async current(): Promise<KubeConfig> {
    const version = await this.#version()
    if (this.#loaded?.version !== version) {
      this.#loaded = { config: await loadKubeConfig(this.#path), version }
    }
    return this.#loaded.config
  }

  async #version(): Promise<string> {
    if (!this.#path) return 'in-cluster'
    const found = await stat(this.#path).catch(() => undefined)
    if (!found) throw unavailable(`there is no kubeconfig at ${this.#path}`)
    return `${found.ino}:${found.mtimeMs}:${found.size}`
  }
}
