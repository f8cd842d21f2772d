import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import type { PolicySpec } from './model.ts'
import { answers, type EmbeddedCluster, type Place, placeOf, type Target } from './test-probe.ts'

type Labels = Record<string, string>

/** Namespaces with pods and policies, of one test, gone with it. */
export class TestNamespaces implements AsyncDisposable {
  readonly #cluster: EmbeddedCluster
  readonly #suffix = randomUUID().slice(0, 8)
  readonly #names: string[] = []

  constructor(cluster: EmbeddedCluster) {
    this.#cluster = cluster
  }

  async create(name: string, labels: Labels = {}): Promise<string> {
    const full = `netpol-${name}-${this.#suffix}`
    this.#names.push(full)
    await this.#cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: full, labels } })
    return full
  }

  /** A pod that does nothing, once it has its network. */
  async pod(namespace: string, name: string, labels: Labels, container: object = {}): Promise<Place> {
    const image = (JSON.parse(process.env.DRYDOCK_IMAGES ?? '{}') as Labels).pause
    const spec = {
      hostUsers: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image, imagePullPolicy: 'Never', ...container }],
    }
    const apply = () =>
      this.#cluster.client.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec })
    // The namespace's account comes a moment after it.
    await vi.waitFor(apply, { timeout: 20_000, interval: 50 })
    return placeOf(this.#cluster, namespace, name)
  }

  async policy(namespace: string, spec: PolicySpec): Promise<void> {
    const metadata = { name: 'policy', namespace }
    await this.#cluster.client.apply({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec })
  }

  /** Removes every policy of a namespace. */
  async withoutPolicy(namespace: string): Promise<void> {
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`
    expect((await this.#cluster.client.send('DELETE', path)).status).toBe(200)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await this.#cluster.client.send('DELETE', `/api/v1/namespaces/${name}`)
  }
}

/** Asks again until it is so: a policy takes effect a moment after it is written. */
export const becomes = <K extends string>(
  place: Place,
  targets: Record<K, Target>,
  expected: Record<K, boolean>,
): Promise<unknown> =>
  vi.waitFor(async () => expect(await answers(place, targets)).toEqual(expected), { timeout: 20_000, interval: 20 })

/** The same for each. */
export const each = <K extends string>(targets: Record<K, unknown>, value: boolean) =>
  Object.fromEntries(Object.keys(targets).map((name) => [name, value])) as Record<K, boolean>
