import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeConfig } from './config.ts'
import { exec, waitFor } from './exec.ts'
import { NODE_DATA } from './instance.ts'
import { ruleset } from './netpol/ruleset.ts'
import { nodeFirewall, nodeSysctls, SERVICE_CIDR } from './network.ts'

/**
 * The node's own view of the file system: the data directory at NODE_DATA, an empty /run, pod logs kept in the data
 * directory, and whatever components write below /var/lib gone with the node. The host sees none of it.
 */
export function prepareMounts(dataDir: string): void {
  const mount = (...args: string[]) =>
    execFileSync('mount', ['-n', ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  // -n: the table of mounts that mount(8) keeps below /run is of no use here, and not there while /run moves.
  // Built aside and then moved over /run, since the data directory may itself be below /run.
  const staging = join(dataDir, 'node')
  const podLogs = join(dataDir, 'logs', 'node')
  mkdirSync(staging, { recursive: true })
  mkdirSync(podLogs, { recursive: true })
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', staging)
  mkdirSync(staging + NODE_DATA.slice('/run'.length))
  mount('--bind', dataDir, staging + NODE_DATA.slice('/run'.length))
  mount('--bind', podLogs, '/var/log')
  mount('--move', staging, '/run')
  for (const folder of ['upper', 'work']) mkdirSync(`/run/var-lib/${folder}`, { recursive: true })
  mount(
    '-t',
    'overlay',
    '-o',
    'lowerdir=/var/lib,upperdir=/run/var-lib/upper,workdir=/run/var-lib/work',
    'overlay',
    '/var/lib',
  )
  // As on an ordinary node, so that volumes can propagate mounts into containers. The host is no peer of it.
  mount('--make-rshared', '/')
}

/** Names the node, waits for its end of the link, and shuts everything but what pods need. */
export async function prepareNetwork(node: NodeConfig): Promise<void> {
  writeFileSync('/proc/sys/kernel/hostname', node.nodeName)
  for (const [name, value] of Object.entries(nodeSysctls())) {
    const file = `/proc/sys/${name.replaceAll('.', '/')}`
    // A kernel without IPv6 has none of its settings.
    if (existsSync(file)) writeFileSync(file, value)
  }
  // Before the first pod: what NetworkPolicy does not know yet has no traffic.
  const nobody = ruleset({ policies: [], pods: [], namespaces: [], attachments: [] })
  await exec('nft', ['-f', '-'], { input: nodeFirewall() + nobody })
  await exec('ip', ['link', 'set', 'lo', 'up'])
  await waitFor('the link to the host', () => exec('ip', ['link', 'show', 'eth0']), {
    timeoutMs: 10_000,
    intervalMs: 10,
  })
  await exec('ip', ['address', 'add', `${node.nodeIp}/30`, 'dev', 'eth0'])
  await exec('ip', ['link', 'set', 'eth0', 'up'])
  // kube-proxy turns the address of a Service into a pod's only where a route leads to it; no default route does here.
  await exec('ip', ['route', 'add', SERVICE_CIDR, 'dev', 'eth0'])
}
