/**
 * Runs inside the node's namespaces, as the child of their PID 1 (a shell, which reaps orphans; Node cannot).
 * Prepares mounts and network, then starts the components in the order in which they need one another.
 * When this process ends, PID 1 ends, and with it the kernel ends everything else in here.
 */
import { readFileSync } from 'node:fs'
import { adminClient } from './api-client.ts'
import { type ComponentName, componentCommand } from './components.ts'
import type { NodeConfig } from './config.ts'
import { clearContainers } from './container-store.ts'
import { waitFor } from './exec.ts'
import { NODE_DATA } from './instance.ts'
import { prepareMounts, prepareNetwork } from './node-setup.ts'
import { Supervisor } from './supervisor.ts'

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`)

async function main(): Promise<void> {
  const [dataDir = '', configFile = ''] = process.argv.slice(2)
  const node = JSON.parse(readFileSync(configFile, 'utf8')) as NodeConfig
  process.env.PATH = `${node.binDir}:${process.env.PATH}`
  prepareMounts(dataDir)
  await prepareNetwork(node)
  log('namespaces are set up')

  const supervisor = new Supervisor({ logDir: `${NODE_DATA}/logs`, statusFile: `${NODE_DATA}/components.json`, log })
  const start = (name: ComponentName) => supervisor.start(name, componentCommand(name, node))

  start('etcd')
  start('kube-apiserver')
  await clearContainers(log)
  start('containerd')
  const client = adminClient(`https://${node.nodeIp}:6443`, `${NODE_DATA}/pki`)
  await waitFor('the API server', async () => (await client.get('/readyz')).status === 200, {
    timeoutMs: 300_000,
    intervalMs: 25,
  })
  log('API server is ready')
  const others = [
    'kubelet',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'netpol',
    'device-plugin',
  ] as const
  for (const name of others) start(name)
}

await main()
