import type { Definitions } from './definitions.ts'
import type { Endpoint } from './endpoints.ts'
import type { PolicyPeer, PolicyPort, PolicyRule, Protocol } from './model.ts'
import { addressElements, blockRanges, elements, ipNumber, merged, type Range } from './ranges.ts'
import { selects } from './selector.ts'

export type Direction = 'ingress' | 'egress'
/** Of the connection's destination, also where an answer is judged. */
const PORT = 'ct reply proto-src'
const DESTINATION = 'ct reply ip saddr'
const PEER = { ingress: 'ct original ip saddr', egress: DESTINATION }
const LAST_PORT = 65_535

/** Turns rules of policies into rules of nftables. */
export class RuleCompiler {
  readonly #endpoints: Endpoint[]
  readonly #definitions: Definitions
  readonly #peers = new Map<string, Range[]>()

  constructor(endpoints: Endpoint[], definitions: Definitions) {
    this.#endpoints = endpoints
    this.#definitions = definitions
  }

  /** Rules that take what `rule` allows and give it `verdict`; none where nothing could match now. */
  compile(rule: PolicyRule, direction: Direction, namespace: string, verdict: string): string[] {
    const peers = (direction === 'ingress' ? rule.from : rule.to) ?? []
    const ranges = merged(peers.flatMap((peer) => this.#peerRanges(peer, namespace)))
    if (peers.length > 0 && ranges.length === 0) return []
    const peer = peers.length > 0 ? [`${PEER[direction]} { ${addressElements(ranges)} }`] : []
    return this.#portMatches(rule.ports ?? []).map((match) => [...match, ...peer, verdict].join(' '))
  }

  /** The addresses a peer stands for. */
  #peerRanges(peer: PolicyPeer, namespace: string): Range[] {
    const { ipBlock, podSelector, namespaceSelector } = peer
    if (ipBlock) return blockRanges(ipBlock)
    if (!podSelector && !namespaceSelector) return []
    const key = JSON.stringify([namespaceSelector ?? namespace, podSelector])
    const known = this.#peers.get(key)
    if (known) return known
    const ranges = this.#endpoints
      .filter(
        ({ pod, namespaceLabels }) =>
          (namespaceSelector ? selects(namespaceSelector, namespaceLabels) : pod.namespace === namespace) &&
          selects(podSelector ?? {}, pod.labels),
      )
      .map(({ ip }): Range => [ipNumber(ip), ipNumber(ip)])
    this.#peers.set(key, ranges)
    return ranges
  }

  /** Matches any one of which will do; no ports at all are every packet, whatever its protocol. */
  #portMatches(ports: PolicyPort[]): string[][] {
    if (ports.length === 0) return [[]]
    const byProtocol = Map.groupBy(ports, ({ protocol = 'TCP' }) => protocol)
    return [...byProtocol].flatMap(([protocol, some]) => {
      const l4 = `meta l4proto ${protocol.toLowerCase()}`
      const ranges = merged(some.flatMap(numericRange))
      const names = some.map(({ port }) => port).filter((port) => typeof port === 'string')
      const named = new Set(names.flatMap((name) => this.#named(name, protocol)))
      // In sets with a name, as nft 1.0 takes literal ports of `ct` in the wrong byte order.
      const inSet = (what: string, type: string, content: string) =>
        content ? [[l4, `${what} @${this.#definitions.set(type, content)}`]] : []
      return [
        ...inSet(PORT, 'inet_service; flags interval', elements(ranges)),
        ...inSet(`${DESTINATION} . ${PORT}`, 'ipv4_addr . inet_service', [...named].join(', ')),
      ]
    })
  }

  /** A named port is another number in each pod: pairs of address and number. */
  #named(name: string, protocol: Protocol): string[] {
    return this.#endpoints.flatMap(({ ip, pod }) =>
      pod.ports.filter((port) => port.name === name && port.protocol === protocol).map(({ port }) => `${ip} . ${port}`),
    )
  }
}

function numericRange({ port = 0, endPort }: PolicyPort): Range[] {
  if (typeof port === 'string') return []
  return port === 0 ? [[0, LAST_PORT]] : [[port, endPort ?? port]]
}
