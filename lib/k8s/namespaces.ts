import { type KubernetesObject, PatchStrategy, type V1Namespace } from '@kubernetes/client-node'
import { coreApi, type KubernetesApi, statusOf } from '#lib/k8s/api.ts'
import type { ClusterPort, OwnedNamespace } from '#lib/sandbox/cluster-port.ts'
import { isLearnerNamespace, SANDBOX_LABEL } from '#lib/sandbox/names.ts'

/** What learners' pods get to end; the kubelet still says when they have. */
const POD_GRACE_SECONDS = 1

/** Every kind that a learner can write, and so give a finalizer, which would hold the namespace for ever. */
export const WRITABLE_KINDS: readonly [apiVersion: string, kind: string][] = [
  ...['Pod', 'Service', 'ConfigMap', 'Secret', 'PersistentVolumeClaim', 'ServiceAccount'].map(
    (kind): [string, string] => ['v1', kind],
  ),
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind): [string, string] => ['apps/v1', kind]),
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
]

const ignore =
  (...statuses: number[]) =>
  (error: unknown) => {
    const status = statusOf(error)
    if (status === undefined || !statuses.includes(status)) throw error
  }

type Namespaces = Pick<ClusterPort, 'listNamespaces' | 'deleteNamespace' | 'releaseNamespace'>

/** This instance's namespaces, from being seen to being gone. */
export function namespacesOn(api: KubernetesApi, labelSelector: string): Namespaces {
  const list = <T extends KubernetesObject>(apiVersion: string, kind: string, namespace?: string, selector?: string) =>
    api
      .call((client) =>
        client.list<T>(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, selector),
      )
      .then(({ items }) => items)

  return {
    async listNamespaces() {
      const items = await list<V1Namespace>('v1', 'Namespace', undefined, labelSelector)
      return items.map(ownedNamespace).filter((namespace) => namespace !== null)
    },

    async deleteNamespace({ name, uid }) {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      const body = { propagationPolicy: 'Background', ...(uid ? { preconditions: { uid } } : {}) }
      // 409: another uid has the name by now, or it is being deleted already.
      await api
        .call((client) => client.delete(object, undefined, undefined, undefined, undefined, undefined, body))
        .catch(ignore(404, 409))
      // Machines have no grace anyway. Now that the namespace takes nothing new, no controller makes another pod.
      if (!isLearnerNamespace(name)) return
      await api
        .call((_, config) =>
          coreApi(config).deleteCollectionNamespacedPod({ namespace: name, gracePeriodSeconds: POD_GRACE_SECONDS }),
        )
        .catch(ignore(404, 409))
    },

    async releaseNamespace({ name: namespace }) {
      const held = await Promise.all(
        WRITABLE_KINDS.map(async ([apiVersion, kind]) => {
          const items = await list(apiVersion, kind, namespace)
          return items.flatMap(({ metadata }) =>
            metadata?.name && metadata.finalizers?.length ? [{ apiVersion, kind, name: metadata.name }] : [],
          )
        }),
      )
      const patches = held.flat().map(({ apiVersion, kind, name }) => {
        const bare = {
          apiVersion,
          kind,
          metadata: { name, namespace, finalizers: null },
        } as unknown as KubernetesObject
        return api
          .call((client) => client.patch(bare, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch))
          .catch(ignore(404))
      })
      await Promise.all(patches)
      return patches.length
    },
  }
}

function ownedNamespace({ metadata }: V1Namespace): OwnedNamespace | null {
  const sandboxId = metadata?.labels?.[SANDBOX_LABEL]
  if (!metadata?.name || !metadata.uid || !sandboxId) return null
  const { name, uid, creationTimestamp, deletionTimestamp } = metadata
  const createdAt = new Date(creationTimestamp ?? Date.now())
  return { name, uid, sandboxId, createdAt, terminatingSince: deletionTimestamp ? new Date(deletionTimestamp) : null }
}
