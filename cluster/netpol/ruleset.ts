import { POD_CIDR } from '../network.ts'
import { chain, Definitions } from './definitions.ts'
import { type Endpoint, endpointsOf } from './endpoints.ts'
import type { ClusterState, NetworkPolicy, PolicySpec } from './model.ts'
import { type Direction, RuleCompiler } from './rules.ts'
import { selects } from './selector.ts'

const TABLE = 'table inet drydock_netpol'

/** Where what egress allows goes on. */
const ALLOWED = { egress: 'goto to', ingress: 'accept' }

/**
 * The whole of networking.k8s.io/v1's NetworkPolicy as one nftables table: a script for `nft -f` that replaces the table in
 * one go. Pure; the same state gives the same text.
 *
 * Every packet, answers too, is judged by the connection it belongs to: by who began it (`ct original`) and whom that
 * reached after kube-proxy's choice (`ct reply`). So a change of policy ends what is under way as well, in both directions.
 * First the egress of the source; what that allows goes on to the ingress of the destination. What nothing accepts is
 * dropped: pods that are not known here, IPv6, packets without a connection.
 */
export function ruleset(state: ClusterState): string {
  const endpoints = endpointsOf(state)
  const definitions = new Definitions()
  const compiler = new RuleCompiler(endpoints, definitions)
  const verdicts = (direction: Direction) => podVerdicts(direction, endpoints, state.policies, compiler, definitions)
  const ingress = verdicts('ingress')
  const egress = verdicts('egress')
  const parts = [
    pairs('set links { type ifname . ipv4_addr', endpoints, ({ link, ip }) => `"${link}" . ${ip}`),
    pairs('set self { type ipv4_addr . ipv4_addr', endpoints, ({ ip }) => `${ip} . ${ip}`),
    chain('to', ['ct reply ip saddr vmap @ingress', `ct reply ip saddr != ${POD_CIDR} accept`, 'drop']),
    definitions.text,
    pairs('map ingress { type ipv4_addr : verdict', ingress, String),
    pairs('map egress { type ipv4_addr : verdict', egress, String),
    ...BASE_CHAINS,
  ]
  // Made first, so that deleting it never fails.
  return `${TABLE}\ndelete ${TABLE}\n${TABLE} {\n${parts.filter(Boolean).join('\n')}\n}\n`
}

/** A set or map with an element for each item. */
function pairs<T>(head: string, items: T[], text: (item: T) => string): string {
  const content = items.map(text).join(', ')
  return content ? `${head}; elements = { ${content} } }` : `${head}; }`
}

/** For each pod's address, where its traffic of one direction is decided: an element of a verdict map. */
function podVerdicts(
  direction: Direction,
  endpoints: Endpoint[],
  policies: NetworkPolicy[],
  compiler: RuleCompiler,
  definitions: Definitions,
): string[] {
  const relevant = Map.groupBy(
    policies.filter(({ spec }) => directions(spec).includes(direction)),
    ({ namespace }) => namespace,
  )
  const rulesOf = memoized(({ namespace, spec }: NetworkPolicy) =>
    (spec[direction] ?? []).flatMap((rule) => compiler.compile(rule, direction, namespace, ALLOWED[direction])),
  )
  return endpoints.map(({ ip, pod }) => {
    const own = (relevant.get(pod.namespace) ?? []).filter(({ spec }) => selects(spec.podSelector ?? {}, pod.labels))
    if (own.length === 0) return `${ip} : ${ALLOWED[direction]}`
    return `${ip} : goto ${definitions.chain([...new Set(own.flatMap(rulesOf)), 'drop'])}`
  })
}

/** What a policy is about; the API server fills `policyTypes` in by the same rule. */
const directions = ({ policyTypes, egress = [] }: PolicySpec): Direction[] =>
  policyTypes?.map((type) => (type === 'Egress' ? 'egress' : 'ingress')) ??
  (egress.length > 0 ? ['ingress', 'egress'] : ['ingress'])

function memoized<K, V>(compute: (key: K) => V): (key: K) => V {
  const values = new Map<K, V>()
  return (key) => {
    const known = values.get(key)
    if (known !== undefined) return known
    const value = compute(key)
    values.set(key, value)
    return value
  }
}

const BASE_CHAINS = [
  // No pod sends before it is known, in another's name, or IPv6. Before conntrack, so that nothing of it is kept there.
  chain('links', [
    'type filter hook prerouting priority raw; policy accept;',
    'iifname . ip saddr @links accept',
    'iifname "veth*" drop',
  ]),
  chain('forward', [
    'type filter hook forward priority filter; policy drop;',
    // No policy keeps a pod from itself, which it reaches by way of its own Service.
    'ct original ip saddr . ct reply ip saddr @self accept',
    // Errors about a connection that a policy let begin.
    'meta l4proto icmp ct state related accept',
    'ct original ip saddr vmap @egress',
    // From outside of the pods, through a node port: no egress of ours.
    `ct original ip saddr != ${POD_CIDR} goto to`,
  ]),
  // From pods to the node. Which of its ports are open at all is the node firewall's to say.
  chain('input', [
    'type filter hook input priority filter; policy accept;',
    'iifname != "veth*" accept',
    // The node reaches every pod: probes, exec, port-forward, webhooks.
    'ct direction reply accept',
    'meta l4proto icmp ct state related accept',
    'ct original ip saddr vmap @egress',
    'drop',
  ]),
]
