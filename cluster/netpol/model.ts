/** What NetworkPolicy is decided from: the parts of networking.k8s.io/v1 and core/v1 objects that count, and what CNI knows. */

export type Labels = Record<string, string>
export type LabelSelector = {
  matchLabels?: Labels
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}
export type Protocol = 'TCP' | 'UDP' | 'SCTP'

export type PolicyPeer = {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: { cidr: string; except?: string[] }
}
export type PolicyPort = { protocol?: Protocol; port?: number | string; endPort?: number }
export type PolicyRule = { from?: PolicyPeer[]; to?: PolicyPeer[]; ports?: PolicyPort[] }
export type PolicySpec = {
  podSelector?: LabelSelector
  policyTypes?: string[]
  ingress?: PolicyRule[]
  egress?: PolicyRule[]
}
export type NetworkPolicy = { name: string; namespace: string; spec: PolicySpec }

/** A pod as the API server has it. */
export type Pod = {
  uid: string
  namespace: string
  labels: Labels
  /** Its container ports with a name. */
  ports: { name: string; protocol: Protocol; port: number }[]
}
export type Namespace = { name: string; labels: Labels }

/** What CNI gave to a pod: an IPv4 address, and the node's end of the pod's link. */
export type Attachment = { podUid: string; ip: string; link: string }

export type ClusterState = {
  policies: NetworkPolicy[]
  pods: Pod[]
  namespaces: Namespace[]
  attachments: Attachment[]
}

type ContainerSpec = { ports?: { name?: string; protocol?: Protocol; containerPort: number }[]; restartPolicy?: string }
type Metadata = { name: string; namespace?: string; uid: string; labels?: Labels }
export type PodObject = { metadata: Metadata; spec: { containers: ContainerSpec[]; initContainers?: ContainerSpec[] } }
export type PolicyObject = { metadata: Metadata; spec?: PolicySpec }
export type NamespaceObject = { metadata: Metadata }

export function podOf({ metadata, spec }: PodObject): Pod {
  // Init containers that go on running are sidecars (KEP-753); the others are gone when the pod works.
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const ports = [...spec.containers, ...sidecars].flatMap((container) => container.ports ?? [])
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    ports: ports.flatMap(({ name, protocol = 'TCP', containerPort }) =>
      name ? [{ name, protocol, port: containerPort }] : [],
    ),
  }
}

export const policyOf = ({ metadata, spec = {} }: PolicyObject): NetworkPolicy => ({
  name: metadata.name,
  namespace: metadata.namespace ?? '',
  spec,
})

export const namespaceOf = ({ metadata }: NamespaceObject): Namespace => ({
  name: metadata.name,
  labels: metadata.labels ?? {},
})
