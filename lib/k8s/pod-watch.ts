import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeConfig, type V1Pod, type V1PodList, Watch } from '@kubernetes/client-node'
import { AppError } from '#lib/errors.ts'
import { type KubernetesApi, messageOf, serverVersion } from '#lib/k8s/api.ts'
import { podStatus } from '#lib/k8s/pod-status.ts'
import type { ClusterPort, PodStatus } from '#lib/sandbox/cluster-port.ts'

type Handlers = Parameters<ClusterPort['watchPods']>[0]

const FIRST_BACKOFF_MS = 250
const MAX_BACKOFF_MS = 4000
/** A peer that is switched off sends no reset: the watch would stay silent for long. So the server is asked, too. */
const BEAT = { everyMs: 1500, timeoutMs: 1500, misses: 2 }

/**
 * List, then watch from that list's version, for as long as it lives. A watch that merely ran out goes on; after an
 * error, or when the server no longer has the version (410), everything is listed anew, at most 5 s later.
 */
export class PodWatch {
  readonly #api: KubernetesApi
  readonly #labelSelector: string
  readonly #handlers: Handlers
  readonly #stop = new AbortController()

  constructor(api: KubernetesApi, labelSelector: string, handlers: Handlers) {
    this.#api = api
    this.#labelSelector = labelSelector
    this.#handlers = handlers
    void this.#run()
  }

  stop(): void {
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS
    while (!this.#stop.signal.aborted) {
      try {
        const { version, pods } = await this.#list()
        if (this.#stop.signal.aborted) return
        this.#handlers.onSync(pods)
        backoffMs = FIRST_BACKOFF_MS
        await this.#follow(version)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#handlers.onDown(error instanceof Error ? error : new Error(messageOf(error)))
        await sleep(backoffMs * (0.75 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => {})
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)
      }
    }
  }

  async #list(): Promise<{ version: string; pods: PodStatus[] }> {
    const list = (await this.#api.call((api) =>
      api.list<V1Pod>('v1', 'Pod', undefined, undefined, undefined, undefined, undefined, this.#labelSelector),
    )) as V1PodList
    const pods = list.items.map(podStatus).filter((status) => status !== null)
    return { version: list.metadata?.resourceVersion ?? '', pods }
  }

  /** Resolves when a fresh list is due; rejects when the server is out of reach. */
  async #follow(from: string): Promise<void> {
    let version = from
    for (;;) {
      const config = await this.#api.source.current()
      const outcome = await this.#watchOnce(config, version, (seen) => {
        version = seen
      })
      if (outcome === 'relist' || this.#stop.signal.aborted) return
    }
  }

  async #watchOnce(
    config: KubeConfig,
    version: string,
    onVersion: (version: string) => void,
  ): Promise<'go-on' | 'relist'> {
    const { promise, resolve, reject } = Promise.withResolvers<'go-on' | 'relist'>()
    const onEvent = (type: string, pod: V1Pod) => {
      if (type === 'ERROR') return resolve('relist')
      onVersion(pod.metadata?.resourceVersion ?? version)
      if (type === 'BOOKMARK') return
      const status = podStatus(pod)
      if (!status) return
      if (type === 'DELETED') this.#handlers.onGone(status.sandboxId, status.machine)
      else this.#handlers.onChange(status)
    }
    const onDone = (error: unknown) => {
      // client-node ends a watch that was silent for 30 s (TimeoutError): that also notices a peer that fell silent.
      if (!error || (error instanceof Error && error.name === 'TimeoutError')) resolve('go-on')
      else if (typeof error === 'object' && 'statusCode' in error && error.statusCode === 410) resolve('relist')
      else reject(error)
    }
    const query = { resourceVersion: version, labelSelector: this.#labelSelector, allowWatchBookmarks: true }
    const opening = new Watch(config).watch('/api/v1/pods', query, onEvent, onDone)
    const end = () => resolve('relist')
    this.#stop.signal.addEventListener('abort', end, { once: true })
    const stopBeat = this.#beat(config, reject)
    try {
      return await promise
    } finally {
      stopBeat()
      this.#stop.signal.removeEventListener('abort', end)
      void opening.then((request) => request.abort())
    }
  }

  /** Calls `onDead` once the server misses its answers, or is not the one that the kubeconfig names any more. */
  #beat(config: KubeConfig, onDead: (error: unknown) => void): () => void {
    let misses = 0
    let asking = false
    const ask = async () => {
      if (asking) return
      asking = true
      try {
        if ((await this.#api.source.current()) !== config) return onDead(new Error('the kubeconfig was replaced'))
        await serverVersion(config, BEAT.timeoutMs)
        misses = 0
      } catch (error) {
        misses += 1
        if (error instanceof AppError || misses >= BEAT.misses) onDead(error)
      } finally {
        asking = false
      }
    }
    const timer = setInterval(() => void ask(), BEAT.everyMs)
    return () => clearInterval(timer)
  }
}
