import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type {
  ClusterState,
  LabelSelector,
  Pod,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  PolicySpec,
  Protocol,
} from './model.ts'
import { ruleset } from './ruleset.ts'
import { parse, verdict } from './test-nft.ts'
import { allowed, type Connection } from './test-reference.ts'

const NODE = '10.231.7.2'
const HOST = '10.231.7.1'

const pod = (namespace: string, labels: Record<string, string> = {}, ports: Pod['ports'] = []) => ({
  namespace,
  labels,
  ports,
})

/** Pods at 10.244.0.2, 10.244.0.3 and so on, each with a link of its own. */
function cluster(pods: Omit<Pod, 'uid'>[], policies: [namespace: string, spec: PolicySpec][]): ClusterState {
  const names = ['a', 'b', 'kube-system']
  return {
    policies: policies.map(([namespace, spec], index) => ({ name: `policy${index}`, namespace, spec })),
    pods: pods.map((one, index) => ({ uid: `u${index}`, ...one })),
    namespaces: names.map((name) => ({ name, labels: { 'kubernetes.io/metadata.name': name, team: name } })),
    attachments: pods.map((_, index) => ({ podUid: `u${index}`, ip: ip(index), link: `veth${index}` })),
  }
}
const ip = (index: number) => `10.244.0.${index + 2}`

/** The node's interface by which packets of an address come. */
const linkOf = (state: ClusterState, address: string) =>
  state.attachments.find((one) => one.ip === address)?.link ?? (address.startsWith('10.244.') ? 'veth' : 'eth0')

/** Whether a connection's first packet passes, and its answer: both or neither. */
function passes(state: ClusterState, connection: Connection): boolean {
  const { from, to } = connection
  const table = parse(ruleset(state))
  const packet = { hook: to === NODE ? 'input' : 'forward', ...connection } as const
  const there = verdict(table, { ...packet, reply: false, link: linkOf(state, from) })
  if (to !== NODE) expect(verdict(table, { ...packet, reply: true, link: linkOf(state, to) }), 'the answer').toBe(there)
  return there === 'accept'
}

const tcp = (from: string, to: string, port = 80): Connection => ({ from, to, protocol: 'tcp', port })
const udp = (from: string, to: string, port = 53): Connection => ({ from, to, protocol: 'udp', port })
const icmp = (from: string, to: string): Connection => ({ from, to, protocol: 'icmp', port: 0 })

const [WEB, CLIENT, FOREIGN] = [ip(0), ip(1), ip(2)]
const web = pod('a', { app: 'web' }, [{ name: 'http', protocol: 'TCP', port: 8080 }])
const client = pod('a', { app: 'client', tier: 'front' })
const foreign = pod('b', { app: 'client' })
const three = [web, client, foreign]
/** The three, with policies of namespace a. */
const under = (...specs: PolicySpec[]) =>
  cluster(
    three,
    specs.map((spec) => ['a', spec]),
  )
const ingress = (...rules: PolicyRule[]): PolicySpec => ({
  podSelector: { matchLabels: { app: 'web' } },
  ingress: rules,
})
const egress = (...rules: PolicyRule[]): PolicySpec => ({
  podSelector: { matchLabels: { app: 'client' } },
  policyTypes: ['Egress'],
  egress: rules,
})
const from = (...peers: PolicyPeer[]) => ingress({ from: peers })
const ports = (...list: PolicyPort[]) => ingress({ ports: list })
const app = (name: string): LabelSelector => ({ matchLabels: { app: name } })
const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
})

describe('what passes', () => {
  test.each<[string, ClusterState, Connection, boolean]>([
    ['no policy', under(), tcp(FOREIGN, WEB), true],
    ['no policy, from the host', under(), tcp(HOST, WEB), true],
    ['no policy, to the node', under(), tcp(WEB, NODE, 6443), true],

    ['empty ingress: isolated', under(ingress()), tcp(CLIENT, WEB), false],
    ['empty ingress: other pods are not', under(ingress()), tcp(WEB, CLIENT), true],
    ['empty ingress: the host is outside', under(ingress()), tcp(HOST, WEB), false],
    ['ingress alone leaves egress free', under({ podSelector: {}, ingress: [{}] }), tcp(CLIENT, FOREIGN), true],
    ['an empty rule takes everything', under(ingress({})), icmp(FOREIGN, WEB), true],
    ['missing podSelector takes every pod', under({ policyTypes: ['Ingress'] }), tcp(FOREIGN, CLIENT), false],
    ['another namespace’s policy is nothing to it', cluster(three, [['b', ingress()]]), tcp(CLIENT, WEB), true],
    ['a pod reaches itself whatever is said', under({ policyTypes: ['Ingress', 'Egress'] }), tcp(WEB, WEB), true],

    ['egress rules without policyTypes isolate both ways', under({ egress: [{}] }), tcp(FOREIGN, WEB), false],
    ['empty egress without policyTypes leaves egress free', under({ egress: [] }), tcp(CLIENT, FOREIGN), true],
    [
      'policyTypes Egress: ingress is not read',
      under({ policyTypes: ['Egress'], ingress: [] }),
      tcp(FOREIGN, WEB),
      true,
    ],
    [
      'policyTypes Ingress: egress is not read',
      under({ policyTypes: ['Ingress'], egress: [] }),
      tcp(WEB, FOREIGN),
      true,
    ],
    ['both must allow: egress does not', under(egress(), ingress({})), tcp(CLIENT, WEB), false],
    ['both must allow: ingress does not', under(egress({}), ingress()), tcp(CLIENT, WEB), false],
    ['both must allow: they do', under(egress({}), ingress({})), tcp(CLIENT, WEB), true],
    ['policies add up', under(ingress(), from({ podSelector: app('client') })), tcp(CLIENT, WEB), true],

    ['missing from: all', under(ingress({ ports: [{ port: 80 }] })), tcp(HOST, WEB), true],
    ['empty from: all', under(ingress({ from: [] })), tcp(FOREIGN, WEB), true],
    ['podSelector: of its own namespace', under(from({ podSelector: app('client') })), tcp(FOREIGN, WEB), false],
    ['podSelector {}: the whole of it', under(from({ podSelector: {} })), tcp(CLIENT, WEB), true],
    [
      'namespaceSelector: all of those',
      under(from({ namespaceSelector: { matchLabels: { team: 'b' } } })),
      tcp(FOREIGN, WEB),
      true,
    ],
    [
      'namespaceSelector: not the others',
      under(from({ namespaceSelector: { matchLabels: { team: 'b' } } })),
      tcp(CLIENT, WEB),
      false,
    ],
    ['namespaceSelector {}: all pods', under(from({ namespaceSelector: {} })), tcp(FOREIGN, WEB), true],
    ['namespaceSelector {}: but no one outside', under(from({ namespaceSelector: {} })), tcp(HOST, WEB), false],
    [
      'both in one peer: and',
      under(from({ namespaceSelector: {}, podSelector: app('web') })),
      tcp(FOREIGN, WEB),
      false,
    ],
    ['two peers: or', under(from({ podSelector: app('web') }, { namespaceSelector: {} })), tcp(FOREIGN, WEB), true],
    ['a peer that says nothing: nobody', under(from({})), tcp(CLIENT, WEB), false],

    ['In', under(from({ podSelector: expression('app', 'In', 'x', 'client') })), tcp(CLIENT, WEB), true],
    ['In, without the label', under(from({ podSelector: expression('none', 'In', 'x') })), tcp(CLIENT, WEB), false],
    ['NotIn', under(from({ podSelector: expression('app', 'NotIn', 'client') })), tcp(CLIENT, WEB), false],
    [
      'NotIn, without the label',
      under(from({ podSelector: expression('none', 'NotIn', 'x') })),
      tcp(CLIENT, WEB),
      true,
    ],
    ['Exists', under(from({ podSelector: expression('tier', 'Exists') })), tcp(CLIENT, WEB), true],
    ['DoesNotExist', under(from({ podSelector: expression('tier', 'DoesNotExist') })), tcp(CLIENT, WEB), false],
    [
      'no label is called toString',
      under(from({ podSelector: expression('toString', 'Exists') })),
      tcp(CLIENT, WEB),
      false,
    ],

    ['ipBlock', under(from({ ipBlock: { cidr: '10.231.7.0/30' } })), tcp(HOST, WEB), true],
    ['ipBlock: pods as well', under(from({ ipBlock: { cidr: '10.244.0.0/16' } })), tcp(FOREIGN, WEB), true],
    [
      'ipBlock: not those excepted',
      under(from({ ipBlock: { cidr: '0.0.0.0/0', except: [`${FOREIGN}/32`] } })),
      tcp(FOREIGN, WEB),
      false,
    ],
    [
      'ipBlock: those beside',
      under(from({ ipBlock: { cidr: '0.0.0.0/0', except: [`${FOREIGN}/32`] } })),
      tcp(CLIENT, WEB),
      true,
    ],
    [
      'an exception of one peer is none of another',
      under(from({ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }, { podSelector: {} })),
      tcp(CLIENT, WEB),
      true,
    ],
    ['ipBlock of IPv6: nobody', under(from({ ipBlock: { cidr: '::/0' } })), tcp(CLIENT, WEB), false],
    [
      'ipBlock to the API server',
      under(egress({ to: [{ ipBlock: { cidr: `${NODE}/32` } }], ports: [{ port: 6443 }] })),
      tcp(CLIENT, NODE, 6443),
      true,
    ],
    ['no egress to the API server', under(egress({ to: [{ podSelector: {} }] })), tcp(CLIENT, NODE, 6443), false],

    ['missing protocol: TCP', under(ports({ port: 53 })), udp(CLIENT, WEB), false],
    ['missing port: all of the protocol', under(ports({ protocol: 'UDP' })), udp(CLIENT, WEB, 9), true],
    ['missing port: none of another', under(ports({ protocol: 'UDP' })), tcp(CLIENT, WEB), false],
    ['empty ports: all, ICMP as well', under(ingress({ ports: [] })), icmp(CLIENT, WEB), true],
    ['ports are none of ICMP', under(ports({ port: 80 }, { protocol: 'UDP' })), icmp(CLIENT, WEB), false],
    ['SCTP', under(ports({ protocol: 'SCTP', port: 80 })), { ...tcp(CLIENT, WEB), protocol: 'sctp' }, true],
    ['endPort: its last', under(ports({ port: 8000, endPort: 8080 })), tcp(CLIENT, WEB, 8080), true],
    ['endPort: beyond', under(ports({ port: 8000, endPort: 8080 })), tcp(CLIENT, WEB, 8081), false],
    [
      'overlapping ranges',
      under(ports({ port: 1, endPort: 90 }, { port: 80, endPort: 100 }, { port: 101 })),
      tcp(CLIENT, WEB, 101),
      true,
    ],
    ['named port: of the destination', under(ports({ port: 'http' })), tcp(CLIENT, WEB, 8080), true],
    ['named port: no other', under(ports({ port: 'http' })), tcp(CLIENT, WEB, 80), false],
    ['named port: of that protocol', under(ports({ protocol: 'UDP', port: 'http' })), udp(CLIENT, WEB, 8080), false],
    ['named port that no pod has', under(ports({ port: 'none' })), tcp(CLIENT, WEB), false],
    [
      'named port, egress: of the destination',
      under(egress({ ports: [{ port: 'http' }] })),
      tcp(CLIENT, WEB, 8080),
      true,
    ],
    [
      'named port, egress: not of another',
      under(egress({ ports: [{ port: 'http' }] })),
      tcp(CLIENT, FOREIGN, 8080),
      false,
    ],
  ])('%s', (_, state, connection, expected) => {
    expect(passes(state, connection)).toBe(expected)
    expect(allowed(state, connection), 'as the specification says').toBe(expected)
  })
})

describe('closed to', () => {
  const policies: ClusterState['policies'] = []
  const whole = under()
  const without = (change: Partial<ClusterState>) => ({ ...whole, policies, ...change })

  test.each<[string, ClusterState]>([
    ['pods without an address', without({ attachments: whole.attachments.slice(1) })],
    ['pods that the API server does not know', without({ pods: whole.pods.slice(1) })],
    ['pods of a namespace that is not known', without({ namespaces: [] })],
    [
      'an address that two claim',
      without({ attachments: [...whole.attachments, { podUid: 'u1', ip: WEB, link: 'veth9' }] }),
    ],
    ['everybody at first', { policies: [], pods: [], namespaces: [], attachments: [] }],
  ])('%s', (_, state) => {
    expect(passes(whole, tcp(CLIENT, WEB))).toBe(true)
    expect(passes(state, tcp(CLIENT, WEB))).toBe(false)
    expect(passes(state, tcp(WEB, CLIENT))).toBe(false)
    expect(passes(state, tcp(WEB, NODE, 6443))).toBe(false)
  })

  test('a source that is another’s, or nobody’s, whatever it claims', () => {
    const packet = { hook: 'forward', reply: false, to: WEB, protocol: 'tcp', port: 80 } as const
    const table = parse(ruleset(whole))
    expect(verdict(table, { ...packet, link: 'veth1', from: CLIENT })).toBe('accept')
    expect(verdict(table, { ...packet, link: 'veth2', from: CLIENT })).toBe('drop')
    expect(verdict(table, { ...packet, link: 'veth2', from: HOST })).toBe('drop')
    expect(verdict(table, { ...packet, link: 'veth9', from: '10.244.9.9' })).toBe('drop')
  })

  test('nothing that the node asks of a pod: answers to it pass', () => {
    const packet = { hook: 'input', reply: true, from: NODE, to: WEB, protocol: 'tcp', port: 80 } as const
    const table = parse(ruleset(under({ policyTypes: ['Ingress', 'Egress'] })))
    expect(verdict(table, { ...packet, link: 'veth0' })).toBe('accept')
    expect(verdict(table, { ...packet, link: 'veth1' })).toBe('drop')
  })
})

test('the text replaces the table in one go, and names each content once', () => {
  const state = under(from({ podSelector: app('client') }), egress({ ports: [{ port: 80 }, { port: 'http' }] }))
  expect(ruleset(state)).toMatchInlineSnapshot(`
    "table inet drydock_netpol
    delete table inet drydock_netpol
    table inet drydock_netpol {
    set links { type ifname . ipv4_addr; elements = { "veth0" . 10.244.0.2, "veth1" . 10.244.0.3, "veth2" . 10.244.0.4 } }
    set self { type ipv4_addr . ipv4_addr; elements = { 10.244.0.2 . 10.244.0.2, 10.244.0.3 . 10.244.0.3, 10.244.0.4 . 10.244.0.4 } }
    chain to {
    ct reply ip saddr vmap @ingress
    ct reply ip saddr != 10.244.0.0/16 accept
    drop
    }
    chain c0 {
    ct original ip saddr { 10.244.0.3 } accept
    drop
    }
    set s1 { type inet_service; flags interval; elements = { 80 } }
    set s2 { type ipv4_addr . inet_service; elements = { 10.244.0.2 . 8080 } }
    chain c3 {
    meta l4proto tcp ct reply proto-src @s1 goto to
    meta l4proto tcp ct reply ip saddr . ct reply proto-src @s2 goto to
    drop
    }
    map ingress { type ipv4_addr : verdict; elements = { 10.244.0.2 : goto c0, 10.244.0.3 : accept, 10.244.0.4 : accept } }
    map egress { type ipv4_addr : verdict; elements = { 10.244.0.2 : goto to, 10.244.0.3 : goto c3, 10.244.0.4 : goto to } }
    chain links {
    type filter hook prerouting priority raw; policy accept;
    iifname . ip saddr @links accept
    iifname "veth*" drop
    }
    chain forward {
    type filter hook forward priority filter; policy drop;
    ct original ip saddr . ct reply ip saddr @self accept
    meta l4proto icmp ct state related accept
    ct original ip saddr vmap @egress
    ct original ip saddr != 10.244.0.0/16 goto to
    }
    chain input {
    type filter hook input priority filter; policy accept;
    iifname != "veth*" accept
    ct direction reply accept
    meta l4proto icmp ct state related accept
    ct original ip saddr vmap @egress
    drop
    }
    }
    "
  `)
})

describe('against a direct reading of the specification', () => {
  const key = fc.constantFrom('app', 'tier')
  const value = fc.constantFrom('x', 'y')
  const labels = fc.dictionary(key, value, { maxKeys: 2 })
  const selector: fc.Arbitrary<LabelSelector> = fc.record(
    {
      matchLabels: labels,
      matchExpressions: fc.array(
        fc.oneof(
          fc.record({
            key,
            operator: fc.constantFrom('In', 'NotIn'),
            values: fc.array(value, { minLength: 1, maxLength: 2 }),
          }),
          fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
        ),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  )
  const cidr = fc.constantFrom('0.0.0.0/0', '10.244.0.0/16', '10.244.0.2/31', '10.244.0.3/32', '10.231.7.0/30', '::/0')
  const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
    fc.record({ podSelector: selector, namespaceSelector: selector }, { requiredKeys: [] }),
    fc.record({ ipBlock: fc.record({ cidr, except: fc.array(cidr, { maxLength: 2 }) }, { requiredKeys: ['cidr'] }) }),
  )
  const protocol = fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP')
  const port: fc.Arbitrary<PolicyPort> = fc.oneof(
    fc.record({ protocol, port: fc.constantFrom<number | string>(79, 80, 81, 'http', 'dns') }, { requiredKeys: [] }),
    fc.record({ protocol, port: fc.integer({ min: 78, max: 80 }), endPort: fc.integer({ min: 80, max: 82 }) }),
  )
  const rule = (side: 'from' | 'to'): fc.Arbitrary<PolicyRule> =>
    fc.record(
      { [side]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
      { requiredKeys: [] },
    )
  const spec: fc.Arbitrary<PolicySpec> = fc.record(
    {
      podSelector: selector,
      policyTypes: fc.uniqueArray(fc.constantFrom('Ingress', 'Egress'), { minLength: 1 }),
      ingress: fc.array(rule('from'), { maxLength: 2 }),
      egress: fc.array(rule('to'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  const namespace = fc.constantFrom('a', 'b')
  const namedPort = fc.record({
    name: fc.constantFrom('http', 'dns'),
    protocol,
    port: fc.integer({ min: 79, max: 81 }),
  })
  const pods = fc.array(fc.record({ namespace, labels, ports: fc.array(namedPort, { maxLength: 2 }) }), {
    minLength: 2,
    maxLength: 4,
  })
  const state = fc
    .tuple(pods, fc.array(fc.tuple(namespace, spec), { maxLength: 4 }), fc.dictionary(namespace, labels))
    .map(([some, policies, labelled]) => {
      const whole = cluster(some, policies)
      const namespaces = whole.namespaces.map(({ name, labels }) => ({ name, labels: labelled[name] ?? labels }))
      return { ...whole, namespaces }
    })

  const PROBES = [
    ['tcp', 79],
    ['tcp', 80],
    ['tcp', 81],
    ['udp', 80],
    ['sctp', 81],
    ['icmp', 0],
  ] as const

  test('every connection among pods, host and node', () => {
    fc.assert(
      fc.property(state, (whole) => {
        const addresses = whole.attachments.map((one) => one.ip)
        for (const from of [...addresses, HOST])
          for (const to of [...addresses, ...(from === HOST ? [] : [NODE])])
            for (const [protocol, port] of PROBES) {
              const connection = { from, to, protocol, port }
              expect(passes(whole, connection), JSON.stringify(connection)).toBe(allowed(whole, connection))
            }
      }),
      { numRuns: 200 },
    )
  })
})
