import type { KubeConfig } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import type { ObjectQuery, ObjectsPort, Observation } from '#lib/checks/objects-port.ts'
import { serverVersion } from '#lib/k8s/api.ts'
import type { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { KindWatch } from '#lib/k8s/object-kind.ts'
import { isLearnerNamespace } from '#lib/sandbox/names.ts'

/** A kind that nobody needs is followed for this much longer: the next lab may want it. */
const LINGER_MS = 60_000
/** A peer that is switched off sends no reset: the watches would stay silent. So the server is asked, too. */
const BEAT = { everyMs: 1500, timeoutMs: 1500, misses: 2 }

export type ObjectWatchOptions = {
  source: KubeConfigSource
  /** Namespaces whose objects are remembered; learners' own, if left out. */
  keep?: (namespace: string) => boolean
  log: Logger
  lingerMs?: number
}

type FollowedKind = { watch: KindWatch; idle: NodeJS.Timeout | undefined }

/** The objects that checks look at: however many ask, one watch for each kind in this process. */
export class ObjectWatch implements ObjectsPort {
  readonly #options: ObjectWatchOptions
  readonly #kinds = new Map<string, FollowedKind>()
  #beat: NodeJS.Timeout | undefined

  constructor(options: ObjectWatchOptions) {
    this.#options = options
  }

  /** The resources followed now. */
  get resources(): string[] {
    return [...this.#kinds.keys()]
  }

  subscribe(query: ObjectQuery, onChange: (observation: Observation) => void): () => void {
    const { resource } = query
    const kind = this.#kinds.get(resource) ?? this.#follow(resource)
    clearTimeout(kind.idle)
    const end = kind.watch.subscribe({ query, onChange })
    return () => {
      end()
      if (kind.watch.wanted) return
      clearTimeout(kind.idle)
      kind.idle = setTimeout(() => this.#forget(resource), this.#options.lingerMs ?? LINGER_MS).unref()
    }
  }

  stop(): void {
    for (const resource of this.resources) this.#forget(resource)
  }

  #follow(resource: string): FollowedKind {
    const { source, keep = isLearnerNamespace, log } = this.#options
    const onLost = (err: unknown) => log.warn({ err, resource }, 'objects are not followed; trying again')
    const kind: FollowedKind = { watch: new KindWatch({ source, resource, keep, onLost }), idle: undefined }
    this.#kinds.set(resource, kind)
    this.#beat ??= this.#startBeat()
    return kind
  }

  #forget(resource: string): void {
    const kind = this.#kinds.get(resource)
    this.#kinds.delete(resource)
    clearTimeout(kind?.idle)
    kind?.watch.stop()
    if (this.#kinds.size > 0) return
    clearInterval(this.#beat)
    this.#beat = undefined
  }

  /** Tells every kind once the server misses its answers, or is not the one that the kubeconfig names any more. */
  #startBeat(): NodeJS.Timeout {
    const { source } = this.#options
    let followed: KubeConfig | undefined
    let misses = 0
    let asking = false
    const ask = async () => {
      if (asking) return
      asking = true
      try {
        const config = await source.current()
        const replaced = followed !== undefined && followed !== config
        followed = config
        await serverVersion(config, BEAT.timeoutMs)
        misses = replaced ? BEAT.misses : 0
      } catch {
        misses += 1
      } finally {
        asking = false
      }
      if (misses < BEAT.misses) return
      for (const { watch } of this.#kinds.values())
        watch.distrust(new Error('the cluster does not answer, or is another'))
    }
    return setInterval(() => void ask(), BEAT.everyMs).unref()
  }
}
