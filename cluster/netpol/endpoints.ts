import type { ClusterState, Labels, Pod } from './model.ts'

/** A pod with its address: what policies are about. */
export type Endpoint = { ip: string; link: string; pod: Pod; namespaceLabels: Labels }

/**
 * The pods that may have traffic: those that CNI, the API server and, by their namespace, both know. Pods of the node's own network
 * have no attachment, finished ones none any more. An address that two claim is nobody's until one of them has gone.
 */
export function endpointsOf({ pods, namespaces, attachments }: Omit<ClusterState, 'policies'>): Endpoint[] {
  const podByUid = new Map(pods.map((pod) => [pod.uid, pod]))
  const labelsOf = new Map(namespaces.map(({ name, labels }) => [name, labels]))
  const claims = Map.groupBy(attachments, ({ ip }) => ip)
  return attachments
    .flatMap(({ podUid, ip, link }) => {
      const pod = podByUid.get(podUid)
      const namespaceLabels = pod && labelsOf.get(pod.namespace)
      return pod && namespaceLabels && claims.get(ip)?.length === 1 ? [{ ip, link, pod, namespaceLabels }] : []
    })
    .toSorted((a, b) => (a.ip < b.ip ? -1 : 1))
}
