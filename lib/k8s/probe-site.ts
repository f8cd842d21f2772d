import { setTimeout as sleep } from 'node:timers/promises'
import type { CoreV1Event, V1Namespace, V1Pod } from '@kubernetes/client-node'
import { type KubernetesApi, messageOf, statusOf } from '#lib/k8s/api.ts'
import { asClientObject } from '#lib/k8s/client-names.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

/** Label of the namespaces that probes make. */
const LABEL = 'drydock.dev/doctor'
/** Longer than any probe lasts: an older one was left by a process that died. */
const STALE_MS = 5 * 60_000
const POLL_MS = 250
const POD_LIMIT_MS = 20_000

/** What became of a pod that runs one command. `stuck` says what the cluster said, if anything. */
export type PodEnd =
  | { kind: 'ended'; message: string }
  | { kind: 'refused'; why: string }
  | { kind: 'stuck'; why: string; waitsFor: 'room' | 'image' | 'container' | 'nothing said' }

/** Resolves with whether `done` came true in time; asks again and again. */
export async function until(done: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  for (const end = performance.now() + limitMs; ; await sleep(POLL_MS)) {
    if (await done()) return true
    if (performance.now() > end) return false
  }
}

/** A namespace for probing, with pods in it that last as long as it does. */
export class ProbeSite {
  readonly namespace: string
  readonly #api: KubernetesApi
  readonly #exec: ExecPort
  readonly #image: string

  private constructor(options: { api: KubernetesApi; exec: ExecPort; image: string; namespace: string }) {
    this.#api = options.api
    this.#exec = options.exec
    this.#image = options.image
    this.namespace = options.namespace
  }

  /** @throws ApiException when this account may not make namespaces */
  static async open(options: { api: KubernetesApi; exec: ExecPort; image: string; name: string }): Promise<ProbeSite> {
    const { api, name } = options
    await removeStale(api)
    const labels = { [LABEL]: 'true', 'pod-security.kubernetes.io/enforce': 'baseline' }
    await api.call((client) => client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }))
    return new ProbeSite({ ...options, namespace: name })
  }

  /** Everything goes with the namespace. */
  async close(): Promise<void> {
    await remove(this.#api, this.namespace)
  }

  /** @throws ApiException as the server refused it */
  async create(manifest: Manifest, query: { dryRun?: boolean } = {}): Promise<void> {
    const metadata = { ...manifest.metadata, namespace: this.namespace }
    const object = asClientObject({ ...manifest, metadata })
    await this.#api.call((client) => client.create(object, undefined, query.dryRun ? 'All' : undefined))
  }

  async delete({ apiVersion, kind, metadata: { name } }: Manifest): Promise<void> {
    const object = { apiVersion, kind, metadata: { name, namespace: this.namespace } }
    await this.#api.call((client) => client.delete(object))
  }

  /** Runs a script of `sh` in a pod; `spec` and `container` are merged into the pod's. */
  async run(
    name: string,
    script: string,
    { spec = {}, container = {} }: { spec?: object; container?: object } = {},
  ): Promise<PodEnd> {
    try {
      await this.create(this.#pod(name, script, spec, container))
    } catch (error) {
      if (statusOf(error) === undefined) throw error
      return { kind: 'refused', why: messageOf(error) }
    }
    let ended: PodEnd | null = null
    await until(async () => {
      ended = endOf(await this.#read(name))
      return ended !== null
    }, POD_LIMIT_MS)
    return ended ?? (await this.#saidOf(name))
  }

  /** Starts a pod that stays; resolves with its address, or with why it does not run. */
  async start(name: string, script: string): Promise<{ ip: string } | PodEnd> {
    await this.create({ ...this.#pod(name, script, {}, {}), metadata: { name, labels: { app: name } } })
    let pod: V1Pod | undefined
    const running = await until(async () => {
      pod = await this.#read(name)
      return pod.status?.phase === 'Running' || endOf(pod) !== null
    }, POD_LIMIT_MS)
    const ip = pod?.status?.podIP
    if (running && ip && pod?.status?.phase === 'Running') return { ip }
    return (pod && endOf(pod)) ?? (await this.#saidOf(name))
  }

  /** The exit code of a script in a pod that runs; null when the way there broke. @throws AppError when there is none */
  async exec(pod: string, script: string, exec = this.#exec): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>()
    await exec.open({ namespace: this.namespace, pod, container: 'probe' }, ['sh', '-c', script], {
      onStdout: () => {},
      onEnd: ({ exitCode }) => resolve(exitCode),
    })
    return promise
  }

  #pod(name: string, script: string, spec: object, container: object): Manifest {
    const probe = {
      name: 'probe',
      image: this.#image,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', script],
      resources: { requests: { cpu: '1m', memory: '16Mi' }, limits: { cpu: '200m', memory: '32Mi' } },
      ...container,
    }
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        containers: [probe],
        ...spec,
      },
    }
  }

  #read(name: string): Promise<V1Pod> {
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: this.namespace } }
    return this.#api.call((client) => client.read<V1Pod>(object))
  }

  /** What the cluster reports of a pod that neither runs nor says why. */
  async #saidOf(name: string): Promise<PodEnd> {
    const { items } = await this.#api.call((client) =>
      client.list<CoreV1Event>(
        'v1',
        'Event',
        this.namespace,
        undefined,
        undefined,
        undefined,
        `involvedObject.name=${name}`,
      ),
    )
    const said = items.filter(({ type }) => type === 'Warning').at(-1)
    if (!said) return { kind: 'stuck', why: `no end within ${POD_LIMIT_MS / 1000} s`, waitsFor: 'nothing said' }
    const waitsFor = said.reason === 'FailedScheduling' ? 'room' : 'container'
    return { kind: 'stuck', why: said.message ?? said.reason ?? '', waitsFor }
  }
}

/** Whether the pod is over, or will never be. */
function endOf({ status }: V1Pod): PodEnd | null {
  const { terminated, waiting } = status?.containerStatuses?.[0]?.state ?? {}
  if (terminated) return { kind: 'ended', message: terminated.message?.trim() ?? '' }
  const { reason = '', message = '' } = waiting ?? {}
  if (/^(ErrImage|ImagePullBackOff|InvalidImageName)/.test(reason)) {
    return { kind: 'stuck', why: `${reason} ${message}`, waitsFor: 'image' }
  }
  if (reason.endsWith('Error')) return { kind: 'stuck', why: `${reason} ${message}`, waitsFor: 'container' }
  return null
}

async function removeStale(api: KubernetesApi): Promise<void> {
  const { items } = await api.call((client) =>
    client.list<V1Namespace>('v1', 'Namespace', undefined, undefined, undefined, undefined, undefined, LABEL),
  )
  for (const { metadata } of items) {
    const ageMs = Date.now() - new Date(metadata?.creationTimestamp ?? Date.now()).getTime()
    if (metadata?.name && ageMs > STALE_MS) await remove(api, metadata.name)
  }
}

const remove = (api: KubernetesApi, name: string): Promise<unknown> =>
  api
    .call((client) => client.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
    .catch((error: unknown) => {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    })
