import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { exec } from './exec.ts'

/** The link between host and node: a veth pair with a /30 of its own. */
export type Link = { index: number; name: string; hostIp: string; nodeIp: string }

export const POD_CIDR = '10.244.0.0/16'
/** One node's share: 1022 addresses for 250 pods, so that addresses of pods just gone need not be reused at once. */
export const NODE_POD_CIDR = '10.244.0.0/22'
export const SERVICE_CIDR = '10.96.0.0/16'
export const API_SERVICE_IP = '10.96.0.1'
export const DNS_SERVICE_IP = '10.96.0.10'
export const REGISTRY_SERVICE_IP = '10.96.0.11'
export const REGISTRY_PORT = 5000
/** Where machines and the node find the registry: the same in every embedded cluster, whether it runs yet or not. */
export const REGISTRY_ADDRESS = `${REGISTRY_SERVICE_IP}:${REGISTRY_PORT}`

export function linkAt(index: number): Link {
  return { index, name: `drydock${index}`, hostIp: `10.231.${index}.1`, nodeIp: `10.231.${index}.2` }
}

function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

/** Whether two IPv4 prefixes ("10.0.0.0/8", or an address alone) share an address. */
export function overlaps(a: string, b: string): boolean {
  const [aIp = '', aBits = '32'] = a.split('/')
  const [bIp = '', bBits = '32'] = b.split('/')
  const size = 2 ** (32 - Math.min(Number(aBits), Number(bBits)))
  return Math.floor(toNumber(aIp) / size) === Math.floor(toNumber(bIp) / size)
}

/**
 * Link indexes to try, the instance's own first so that an address tends to stay the same from boot to boot;
 * those that overlap a route or address of the host are left out.
 */
export function candidateLinks(instanceId: string, usedPrefixes: string[]): Link[] {
  const first = Number.parseInt(instanceId.slice(0, 6), 16) % 256
  return Array.from({ length: 256 }, (_, step) => linkAt((first + step) % 256)).filter(
    (link) => !usedPrefixes.some((prefix) => overlaps(prefix, `${link.hostIp}/30`)),
  )
}

async function usedPrefixes(): Promise<string[]> {
  const routes = JSON.parse(await exec('ip', ['-4', '-json', 'route', 'show', 'table', 'all'])) as { dst: string }[]
  return routes.map((route) => route.dst).filter((dst) => /^\d/.test(dst) && !dst.startsWith('0.0.0.0'))
}

/**
 * Reserves a link. The kernel is the arbiter between two checkouts: an interface name exists once, so whoever
 * creates `drydockN` owns 10.231.N.0/30 until the interface goes, which it does by itself with the node's namespace.
 */
export async function reserveLink(instanceId: string, alias: string): Promise<Link> {
  for (const link of candidateLinks(instanceId, await usedPrefixes())) {
    try {
      await exec('ip', ['link', 'add', link.name, 'type', 'veth', 'peer', 'name', `${link.name}n`])
    } catch (error) {
      if (/File exists/.test(String(error))) continue
      throw error
    }
    await exec('ip', ['link', 'set', link.name, 'alias', alias])
    return link
  }
  throw new Error('no free 10.231.N.0/30 network is left on this machine')
}

/** Hands the link's other end to the node and brings the host's end up. IPv4 only: link-local IPv6 would answer too. */
export async function connectLink(link: Link, nodePid: number): Promise<void> {
  await exec('ip', ['link', 'set', `${link.name}n`, 'netns', String(nodePid), 'name', 'eth0'])
  const ipv6 = `/proc/sys/net/ipv6/conf/${link.name}/disable_ipv6`
  if (existsSync(ipv6)) writeFileSync(ipv6, '1')
  await exec('ip', ['address', 'add', `${link.hostIp}/30`, 'dev', link.name])
  await exec('ip', ['link', 'set', link.name, 'up'])
}

/** The host's interfaces that carry this alias. */
export function findLinks(alias: string): string[] {
  return readdirSync('/sys/class/net').filter((name) => {
    try {
      return readFileSync(`/sys/class/net/${name}/ifalias`, 'utf8').trim() === alias
    } catch {
      return false
    }
  })
}

/**
 * Connections that a pod may have to the API server at a time. Each exec, attach and port-forward is one, and they are
 * exempt from the API server's own fairness.
 */
const API_CONNECTIONS = 100

/**
 * What pods may reach beyond pods and services: the API server. The node itself, the host and all beyond it are shut, but
 * for `outside`, which is empty until an operator opens it (egress.ts).
 * Whether a pod may reach even that, and other pods, is for NetworkPolicy to say: a table of its own (netpol/).
 */
export function nodeFirewall(): string {
  return `table inet drydock_node {
  set api_clients { type ipv4_addr; size 4096; flags dynamic; }
  set outside { type ipv4_addr; flags interval; auto-merge; }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "veth*" ct state established,related accept
    iifname "veth*" tcp dport 6443 add @api_clients { ip saddr ct count over ${API_CONNECTIONS} } reject with tcp reset
    iifname "veth*" tcp dport 6443 accept
    iifname "veth*" drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    oifname "eth0" ct state established,related accept
    oifname "eth0" ip daddr @outside accept
    oifname "eth0" drop
  }
}
`
}

/**
 * Kernel settings of the node's network namespace. `default` reaches the veths made later, `all` those that exist.
 * rp_filter keeps a pod, whose root may hold NET_RAW, from sending in another's name.
 */
export function nodeSysctls(): Record<string, string> {
  return {
    'net.ipv4.ip_forward': '1',
    'net.ipv4.conf.all.rp_filter': '1',
    'net.ipv4.conf.default.rp_filter': '1',
    'net.ipv4.conf.all.route_localnet': '0',
    'net.ipv4.conf.all.accept_redirects': '0',
    'net.ipv4.conf.all.send_redirects': '0',
    'net.ipv6.conf.all.disable_ipv6': '1',
    'net.ipv6.conf.default.disable_ipv6': '1',
  }
}
