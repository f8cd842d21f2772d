import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeConfig, Watch } from '@kubernetes/client-node'
import type { KubernetesObject, ObjectQuery, Observation } from '#lib/checks/objects-port.ts'
import type { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { type ApiObject, listObjects, parseObject, Refused, resourcePath } from '#lib/k8s/object-api.ts'
import { selects } from '#lib/labs/selector.ts'

const FIRST_BACKOFF_MS = 250
const MAX_BACKOFF_MS = 4000

type Subscription = { query: ObjectQuery; onChange: (observation: Observation) => void }

export type KindOptions = {
  source: KubeConfigSource
  resource: string
  /** Objects of other namespaces are not remembered. */
  keep: (namespace: string) => boolean
  onLost: (error: unknown) => void
}

/**
 * All objects of one resource, cluster-wide, by namespace: one list, then one watch from the list's version, for as long
 * as it lives. Whenever the watch breaks, nothing is known until everything was listed anew, at most 5 s later.
 */
export class KindWatch {
  readonly #options: KindOptions
  readonly #stop = new AbortController()
  readonly #subscriptions = new Set<Subscription>()
  readonly #objects = new Map<string, Map<string, KubernetesObject>>()
  #trouble: Exclude<Observation, { kind: 'known' }> | null = { kind: 'unknown' }
  #break: (error: unknown) => void = () => {}

  constructor(options: KindOptions) {
    this.#options = options
    void this.#run()
  }

  get wanted(): boolean {
    return this.#subscriptions.size > 0
  }

  subscribe(subscription: Subscription): () => void {
    this.#subscriptions.add(subscription)
    subscription.onChange(this.#observation(subscription.query))
    return () => void this.#subscriptions.delete(subscription)
  }

  /** The connection is not to be believed any more: nothing is known until a new list. */
  distrust(error: unknown): void {
    this.#break(error)
  }

  stop(): void {
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS
    while (!this.#stop.signal.aborted) {
      try {
        const config = await this.#options.source.current()
        const path = await resourcePath(config, this.#options.resource)
        const { version, items } = await listObjects(config, path)
        if (this.#stop.signal.aborted) return
        this.#sync(items)
        backoffMs = FIRST_BACKOFF_MS
        await this.#follow(config, path, version)
        this.#lose({ kind: 'unknown' })
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#options.onLost(error)
        this.#lose(error instanceof Refused ? { kind: 'refused', message: error.message } : { kind: 'unknown' })
        await sleep(backoffMs * (0.75 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => {})
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)
      }
    }
  }

  /** Resolves when a fresh list is due; rejects when the server is out of reach. */
  async #follow(config: KubeConfig, path: string, from: string): Promise<void> {
    let version = from
    for (;;) {
      const outcome = await this.#watchOnce(config, path, version, (seen) => {
        version = seen
      })
      if (outcome === 'relist' || this.#stop.signal.aborted) return
    }
  }

  async #watchOnce(config: KubeConfig, path: string, version: string, onVersion: (version: string) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<'go-on' | 'relist'>()
    const onEvent = (type: string, value: unknown) => {
      const object = type === 'ERROR' ? null : (parseBookmark(type, value) ?? parseObject(value))
      // An object we cannot read would leave a hole in what we know.
      if (!object) return resolve('relist')
      onVersion(object.metadata.resourceVersion)
      if (type !== 'BOOKMARK') this.#change(object as ApiObject, type === 'DELETED')
    }
    const onDone = (error: unknown) => {
      // client-node ends a watch that was silent for 30 s (TimeoutError); it goes on from where it was.
      if (!error || (error instanceof Error && error.name === 'TimeoutError')) resolve('go-on')
      else if (typeof error === 'object' && 'statusCode' in error && error.statusCode === 410) resolve('relist')
      else reject(error)
    }
    const query = { resourceVersion: version, allowWatchBookmarks: true }
    this.#break = reject
    const opening = new Watch(config).watch(path, query, onEvent, onDone)
    const end = () => resolve('relist')
    this.#stop.signal.addEventListener('abort', end, { once: true })
    try {
      return await promise
    } finally {
      this.#break = () => {}
      this.#stop.signal.removeEventListener('abort', end)
      void opening.then((request) => request.abort())
    }
  }

  #sync(items: ApiObject[]): void {
    this.#objects.clear()
    for (const item of items) this.#put(item)
    this.#trouble = null
    this.#tell(() => true)
  }

  #lose(trouble: Exclude<Observation, { kind: 'known' }>): void {
    const same = this.#trouble?.kind === trouble.kind
    this.#trouble = trouble
    if (!same) this.#tell(() => true)
  }

  #change(object: ApiObject, gone: boolean): void {
    const { name, namespace = '' } = object.metadata
    if (!this.#options.keep(namespace)) return
    if (!gone) this.#put(object)
    else if (this.#objects.get(namespace)?.delete(name) && this.#objects.get(namespace)?.size === 0) {
      this.#objects.delete(namespace)
    }
    this.#tell((query) => query.namespace === namespace && (query.name ?? name) === name)
  }

  #put({ metadata: { managedFields: _, ...metadata }, ...rest }: ApiObject): void {
    const { name, namespace = '' } = metadata
    if (!this.#options.keep(namespace)) return
    const inside = this.#objects.get(namespace) ?? new Map<string, KubernetesObject>()
    this.#objects.set(namespace, inside.set(name, { ...rest, metadata } as KubernetesObject))
  }

  #tell(concerns: (query: ObjectQuery) => boolean): void {
    for (const { query, onChange } of [...this.#subscriptions]) {
      if (concerns(query)) onChange(this.#observation(query))
    }
  }

  #observation({ namespace, name, selector }: ObjectQuery): Observation {
    if (this.#trouble) return this.#trouble
    const inside = [...(this.#objects.get(namespace)?.values() ?? [])]
    const objects = inside.filter(
      ({ metadata }) =>
        (name === undefined || metadata.name === name) &&
        (selector === undefined || selects(selector, metadata.labels ?? {})),
    )
    return { kind: 'known', objects }
  }
}

/** A bookmark is an object with nothing but a version. */
function parseBookmark(type: string, value: unknown): { metadata: { resourceVersion: string } } | null {
  if (type !== 'BOOKMARK') return null
  const { resourceVersion } = (value as { metadata?: { resourceVersion?: unknown } }).metadata ?? {}
  return typeof resourceVersion === 'string' ? { metadata: { resourceVersion } } : null
}
