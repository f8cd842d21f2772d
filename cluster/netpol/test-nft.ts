/** A reader of the rulesets made here: as much of nft's language as they use, read by what nft(8) says of it. */

export type Packet = {
  hook: 'forward' | 'input'
  /** Whether it is of the destination, in answer. */
  reply: boolean
  link: string
  from: string
  to: string
  protocol: string
  /** The destination's, of the connection. */
  port: number
}
type Verdict = 'accept' | 'drop'
type Chain = { policy: Verdict; rules: string[] }
type Table = { chains: Map<string, Chain>; sets: Map<string, string[]> }

export function parse(script: string): Table {
  const table: Table = { chains: new Map(), sets: new Map() }
  for (const [, name = '', body = ''] of script.matchAll(/^\s*chain (\S+) \{\n([^}]*(?:\{[^}]*\}[^}]*)*?)\n\s*\}$/gm)) {
    const lines = body.split('\n').map((line) => line.trim())
    const policy = lines.find((line) => line.startsWith('type '))?.includes('policy drop') ? 'drop' : 'accept'
    table.chains.set(name, { policy, rules: lines.filter((line) => !line.startsWith('type ')) })
  }
  for (const [, name = '', elements = ''] of script.matchAll(/^(?:set|map) (\S+) \{[^{}]*(?:\{ (.*?) \})? ?\}$/gm))
    table.sets.set(name, elements.split(', ').filter(Boolean))
  return table
}

/** What becomes of a packet that comes in by a pod's link, or by the node's own. */
export function verdict(table: Table, packet: Packet): Verdict {
  const base = (name: string) => {
    const result = run(table, name, packet)
    return result ?? table.chains.get(name)?.policy ?? 'accept'
  }
  return base('links') === 'drop' ? 'drop' : base(packet.hook)
}

function run(table: Table, name: string, packet: Packet): Verdict | null {
  const chain = table.chains.get(name)
  if (!chain) throw new Error(`no chain ${name}`)
  for (const rule of chain.rules) {
    const action = apply(table, rule, packet)
    if (action === 'accept' || action === 'drop') return action
    if (action) return run(table, action.replace('goto ', ''), packet)
  }
  return null
}

const number = (ip: string) => ip.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
const within = (value: number, element: string) => {
  const [from = '', to = from] = element.split('-')
  return number(from) <= value && value <= number(to)
}
const inPrefix = (ip: string, cidr: string) => {
  const [base = '', bits] = cidr.split('/')
  return number(ip) >>> (32 - Number(bits)) === number(base) >>> (32 - Number(bits))
}

/** The verdict of a rule whose terms all hold; null of any other. */
function apply(table: Table, rule: string, packet: Packet): string | null {
  const set = (name: string) => table.sets.get(name) ?? []
  const address = (which: string) => (which === 'original' ? packet.from : packet.to)
  const sender = packet.reply ? packet.to : packet.from
  const hasPorts = ['tcp', 'udp', 'sctp'].includes(packet.protocol)
  type Term = [pattern: RegExp, holds: (...groups: string[]) => boolean | string | undefined]
  const terms: Term[] = [
    [
      /^ct original ip saddr \. ct reply ip saddr @(\S+)/,
      (name = '') => set(name).includes(`${packet.from} . ${packet.to}`),
    ],
    [
      /^ct reply ip saddr \. ct reply proto-src @(\S+)/,
      (name = '') => hasPorts && set(name).includes(`${packet.to} . ${packet.port}`),
    ],
    [/^ct reply proto-src @(\S+)/, (name = '') => hasPorts && set(name).some((one) => within(packet.port, one))],
    [
      /^ct (original|reply) ip saddr vmap @(\S+)/,
      (which = '', name = '') =>
        set(name)
          .find((one) => one.startsWith(`${address(which)} : `))
          ?.split(' : ')[1],
    ],
    [/^ct (original|reply) ip saddr != (\S+)/, (which = '', cidr = '') => !inPrefix(address(which), cidr)],
    [
      /^ct (original|reply) ip saddr \{ (.*?) \}/,
      (which = '', list = '') => list.split(', ').some((one) => within(number(address(which)), one)),
    ],
    [/^meta l4proto (\S+)/, (protocol) => packet.protocol === protocol],
    [/^ct state related/, () => false],
    [/^ct direction reply/, () => packet.reply],
    [/^iifname \. ip saddr @(\S+)/, (name = '') => set(name).includes(`"${packet.link}" . ${sender}`)],
    [/^iifname != "veth\*"/, () => !packet.link.startsWith('veth')],
    [/^iifname "veth\*"/, () => packet.link.startsWith('veth')],
  ]
  let rest = rule
  while (!/^(accept|drop|goto \S+)?$/.test(rest)) {
    const term = terms.find(([pattern]) => pattern.test(rest))
    const match = term?.[0].exec(rest)
    if (!term || !match) throw new Error(`cannot read "${rest}"`)
    const result = term[1](...match.slice(1))
    if (!result) return null
    rest = rest.slice(match[0].length).trim()
    if (typeof result === 'string') return result
  }
  return rest
}
