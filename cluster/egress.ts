import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from './exec.ts'
import { type Instance, instanceAt } from './instance.ts'
import { addressElements, blockRanges, merged } from './netpol/ranges.ts'
import { type Link, POD_CIDR } from './network.ts'
import { nodeCommand, runningState } from './state.ts'

/** `except`: prefixes of IPv4 that stay shut; `also`: prefixes that are open all the same. */
export type Outside = { except: readonly string[]; also: readonly string[] }

/** The routing table that pods alone use: the node's own programs have no way out, as before. */
const POD_ROUTES = 231
/** Asked last, as the main table (32766) has the ways to pods. */
const POD_RULE = 40_000

/**
 * What the node's network becomes when pods may leave it: addresses that its firewall lets through, and the node's own
 * address on what leaves. Which pod may reach which of them is for NetworkPolicy to say.
 */
export function nodeEgress({ except, also }: Outside): string {
  const ranges = [
    ...blockRanges({ cidr: '0.0.0.0/0', except: [...except] }),
    ...also.flatMap((cidr) => blockRanges({ cidr })),
  ]
  return `add element inet drydock_node outside { ${addressElements(merged(ranges))} }
table ip drydock_egress {}
delete table ip drydock_egress
table ip drydock_egress {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${POD_CIDR} oifname "eth0" masquerade
  }
}
`
}

/**
 * What the host does for the node: lends it its address, and lets nobody begin a connection towards it. The host itself stays
 * shut on every address of its own but the link's, as some of them may be public.
 */
export function hostEgress(table: string, { name, hostIp, nodeIp }: Link): string {
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${nodeIp} oifname != "${name}" masquerade
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "${name}" ip daddr != ${hostIp} drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    oifname "${name}" ct state established,related accept
    oifname "${name}" drop
  }
}
`
}

const tableOf = ({ id }: Instance) => `drydock_${id}`
const openedFile = ({ dataDir }: Instance) => join(dataDir, 'egress.json')
const forwarding = (name: string) => `/proc/sys/net/ipv4/conf/${name}/forwarding`

/**
 * Opens a way out for the pods of a running cluster, any number of times; more addresses come to those that are open. The
 * host forwards on the node's link and on those that lead out, and on no other. It ends with the cluster.
 * @param through interfaces of the host that lead out; its default routes' where none is named
 * @throws when no cluster runs there, or this machine refuses
 */
export async function openEgress(
  dataDir: string,
  { through, ...outside }: Outside & { through?: string[] },
): Promise<void> {
  const instance = instanceAt(dataDir)
  const state = runningState(instance)
  if (!state) throw new Error(`no cluster runs in ${dataDir}`)
  const inNode = (command: string[], input?: string) => {
    const [program = '', ...args] = nodeCommand(state, command)
    return exec(program, args, input === undefined ? {} : { input })
  }
  const { link } = state
  await inNode(['nft', '-f', '-'], nodeEgress(outside))
  await inNode(['ip', 'route', 'replace', 'default', 'via', link.hostIp, 'table', String(POD_ROUTES)])
  const rules = await inNode(['ip', 'rule', 'show'])
  if (!rules.includes(`lookup ${POD_ROUTES}`)) {
    await inNode(['ip', 'rule', 'add', 'priority', `${POD_RULE}`, 'from', POD_CIDR, 'lookup', `${POD_ROUTES}`])
  }
  await exec('nft', ['-f', '-'], { input: hostEgress(tableOf(instance), link) })
  const shut = [link.name, ...(through ?? (await defaultLinks()))].filter(
    (name) => readFileSync(forwarding(name), 'utf8').trim() === '0',
  )
  writeFileSync(openedFile(instance), JSON.stringify([...new Set([...opened(instance), ...shut])]))
  for (const name of shut) writeFileSync(forwarding(name), '1')
}

async function defaultLinks(): Promise<string[]> {
  const routes = JSON.parse(await exec('ip', ['-4', '-json', 'route', 'show', 'default'])) as { dev: string }[]
  return [...new Set(routes.map(({ dev }) => dev))]
}

/** The host's interfaces that forward only for this cluster. */
function opened(instance: Instance): string[] {
  const file = openedFile(instance)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : []
}

/** Makes the host what it was before. */
export async function closeEgress(instance: Instance): Promise<void> {
  if (!existsSync(openedFile(instance))) return
  for (const name of opened(instance)) if (existsSync(forwarding(name))) writeFileSync(forwarding(name), '0')
  await exec('nft', ['delete', 'table', 'inet', tableOf(instance)]).catch(() => undefined)
  rmSync(openedFile(instance))
}
