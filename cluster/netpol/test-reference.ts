import type { ClusterState, LabelSelector, NetworkPolicy, Pod, PolicyPeer, PolicyPort } from './model.ts'

/**
 * Whether networking.k8s.io/v1 lets a connection be, read from the API's documentation sentence by sentence, with no regard
 * to how it is done. Addresses that are no pod's are of the world outside.
 */
export type Connection = { from: string; to: string; protocol: string; port: number }

export function allowed(state: ClusterState, connection: Connection): boolean {
  const { from, to } = connection
  const [source, destination] = [podAt(state, from), podAt(state, to)]
  if ((isPodAddress(from) && !source) || (isPodAddress(to) && !destination)) return false
  if (source && source === destination) return true
  return (
    (!source || direction(state, 'Egress', source, to, connection)) &&
    (!destination || direction(state, 'Ingress', destination, from, connection))
  )
}

const isPodAddress = (ip: string) => ip.startsWith('10.244.')

function podAt({ attachments, pods, namespaces }: ClusterState, ip: string): Pod | undefined {
  const [claim, other] = attachments.filter((one) => one.ip === ip)
  const pod = other ? undefined : pods.find(({ uid }) => uid === claim?.podUid)
  return namespaces.some(({ name }) => name === pod?.namespace) ? pod : undefined
}

function direction(
  state: ClusterState,
  type: 'Ingress' | 'Egress',
  pod: Pod,
  peer: string,
  connection: Connection,
): boolean {
  const isolating = state.policies.filter(
    (policy) =>
      policy.namespace === pod.namespace && matches(policy.spec.podSelector, pod.labels) && concerns(policy, type),
  )
  if (isolating.length === 0) return true
  return isolating.some(({ spec, namespace }) =>
    (type === 'Ingress' ? spec.ingress : spec.egress)?.some((rule) => {
      const peers = type === 'Ingress' ? rule.from : rule.to
      const anyPeer = !peers?.length || peers.some((one) => isPeer(state, one, peer, namespace))
      const anyPort = !rule.ports?.length || rule.ports.some((one) => isPort(state, one, connection))
      return anyPeer && anyPort
    }),
  )
}

function concerns({ spec }: NetworkPolicy, type: string): boolean {
  if (spec.policyTypes) return spec.policyTypes.includes(type)
  return type === 'Ingress' || (spec.egress?.length ?? 0) > 0
}

function isPeer(state: ClusterState, peer: PolicyPeer, ip: string, namespace: string): boolean {
  if (peer.ipBlock) {
    const { cidr, except = [] } = peer.ipBlock
    return inBlock(ip, cidr) && !except.some((hole) => inBlock(ip, hole))
  }
  const pod = podAt(state, ip)
  if (!pod) return false
  const labels = state.namespaces.find(({ name }) => name === pod.namespace)?.labels ?? {}
  if (peer.namespaceSelector)
    return matches(peer.namespaceSelector, labels) && (!peer.podSelector || matches(peer.podSelector, pod.labels))
  return peer.podSelector !== undefined && pod.namespace === namespace && matches(peer.podSelector, pod.labels)
}

function isPort(state: ClusterState, { protocol = 'TCP', port, endPort }: PolicyPort, at: Connection): boolean {
  if (protocol.toLowerCase() !== at.protocol) return false
  if (port === undefined) return true
  if (typeof port === 'number') return port <= at.port && at.port <= (endPort ?? port)
  const named = podAt(state, at.to)?.ports ?? []
  return named.some((one) => one.name === port && one.protocol === protocol && one.port === at.port)
}

const bits = (ip: string) =>
  ip
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')

function inBlock(ip: string, cidr: string): boolean {
  const [base = '', length] = cidr.split('/')
  if (base.includes(':')) return false
  return bits(ip).slice(0, Number(length)) === bits(base).slice(0, Number(length))
}

function matches(selector: LabelSelector | undefined, labels: Record<string, string>): boolean {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (labels[key] !== value) return false
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const has = Object.hasOwn(labels, key)
    const listed = has && values.includes(labels[key] ?? '')
    if (!{ In: listed, NotIn: !listed, Exists: has, DoesNotExist: !has }[operator]) return false
  }
  return true
}
