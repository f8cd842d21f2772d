import {
  type KubeConfig,
  PatchStrategy,
  type V1EndpointSlice,
  type V1Namespace,
  type V1Node,
  type V1Service,
} from '@kubernetes/client-node'
import { KubernetesApi, messageOf, serverVersion, statusOf } from '#lib/k8s/api.ts'
import { asClientObject } from '#lib/k8s/client-names.ts'
import { fits } from '#lib/k8s/fits.ts'
import type { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { namespacesOn } from '#lib/k8s/namespaces.ts'
import { PodWatch } from '#lib/k8s/pod-watch.ts'
import { asRefusal } from '#lib/k8s/refusal.ts'
import type { ApiServerAddress, ClusterPort, Manifest } from '#lib/sandbox/cluster-port.ts'
import { INSTANCE_LABEL } from '#lib/sandbox/names.ts'

export type ClusterOptions = {
  source: KubeConfigSource
  /** Only objects that carry this instance's label are ever listed, watched or deleted. */
  instance: string
}

/** Whose fields these are in server-side apply. */
const FIELD_MANAGER = 'drydock'

/** For so long labs are told the addresses that the API server had; its replicas come and go much more rarely. */
const ADDRESSES_LIFE_MS = 10 * 60_000

/** A pod can be posted before its ServiceAccount is seen by admission: 403, and gone a moment later. */
const racesServiceAccount = (error: unknown) => statusOf(error) === 403 && messageOf(error).includes('serviceaccount')

/** Sandboxes on any conformant Kubernetes, through its API. Every write is idempotent. */
export function createCluster({ source, instance }: ClusterOptions): ClusterPort {
  const api = new KubernetesApi(source)
  const labelSelector = `${INSTANCE_LABEL}=${instance}`

  const createOne = (manifest: Manifest) =>
    api
      .call((client) => client.create(asClientObject(manifest)), racesServiceAccount)
      .catch((error: unknown) => {
        if (statusOf(error) === 409) return
        throw racesServiceAccount(error) ? error : asRefusal(error)
      })

  const readAddresses = async () => {
    const [service, slices] = await Promise.all([
      api.call((client) => client.read<V1Service>(KUBERNETES_SERVICE)),
      api.call((client) =>
        client.list<V1EndpointSlice>(
          'discovery.k8s.io/v1',
          'EndpointSlice',
          'default',
          undefined,
          undefined,
          undefined,
          undefined,
          'kubernetes.io/service-name=kubernetes',
        ),
      ),
    ])
    return apiServerAddresses(service, slices.items)
  }
  let known: { config: KubeConfig; until: number; addresses: Promise<ApiServerAddress[]> } | undefined

  return {
    async version() {
      return api.call((_, config) => serverVersion(config))
    },

    async identity() {
      const namespace = await api.call((client) => client.read<V1Namespace>(KUBE_SYSTEM))
      return namespace.metadata?.uid ?? ''
    },

    async apiServer() {
      const config = await source.current()
      if (!known || known.config !== config || known.until < Date.now()) {
        const addresses = readAddresses()
        known = { config, until: Date.now() + ADDRESSES_LIFE_MS, addresses }
        addresses.catch(() => {
          known = undefined
        })
      }
      return known.addresses
    },

    async fits(manifests) {
      try {
        const { items } = await api.call((client) => client.list<V1Node>('v1', 'Node'))
        return fits(manifests, items)
      } catch (error) {
        if (statusOf(error) === 403) return null
        throw error
      }
    },

    async create(manifests) {
      // Only the namespace has to be there before the rest; a pod that is too early for its account is posted again.
      const isNamespace = ({ kind }: Manifest) => kind === 'Namespace'
      await Promise.all(manifests.filter(isNamespace).map(createOne))
      await Promise.all(manifests.filter((manifest) => !isNamespace(manifest)).map(createOne))
    },

    async apply(manifests) {
      const patch = (manifest: Manifest) =>
        api.call((client) =>
          client.patch(manifest, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply),
        )
      try {
        await Promise.all(manifests.map(patch))
        return true
      } catch (error) {
        if (statusOf(error) === 403) return false
        throw error
      }
    },

    watchPods: (handlers) => new PodWatch(api, labelSelector, handlers),

    ...namespacesOn(api, labelSelector),
  }
}

/** The API server keeps a Service and EndpointSlices of its own, in `default`. */
const KUBERNETES_SERVICE = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' } }

function apiServerAddresses({ spec }: V1Service, slices: V1EndpointSlice[]): ApiServerAddress[] {
  const inFront = (spec?.clusterIPs ?? []).map((address) => ({ address, ports: spec?.ports ?? [] }))
  const behind = slices.flatMap(({ endpoints, ports }) =>
    (endpoints ?? []).flatMap(({ addresses }) => addresses.map((address) => ({ address, ports: ports ?? [] }))),
  )
  return [...inFront, ...behind].flatMap(({ address, ports }) =>
    ports.flatMap(({ port }) => (port === undefined ? [] : [{ address, port }])),
  )
}

const KUBE_SYSTEM = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } }
