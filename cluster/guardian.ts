/**
 * Runs outside the node's namespaces, in a session of its own. Makes the node, waits for its end or for its
 * launcher's, and then removes what the kernel does not remove by itself: cgroups above all.
 * Its parent speaks to it over an IPC channel: losing the channel means that the launcher died, unless it said `detach`.
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cgroupHierarchies, createCgroup } from './cgroups.ts'
import { configFiles, kubeconfig, NODE_NAME, type NodeConfig } from './config.ts'
import { waitFor } from './exec.ts'
import { type Instance, instanceAt } from './instance.ts'
import { removeLeftovers } from './leftovers.ts'
import { connectLink, type Link, reserveLink } from './network.ts'
import { createPki } from './pki.ts'
import { childrenOf, identify, kill, type ProcessIdentity, readProc } from './processes.ts'
import { readState, writeState } from './state.ts'

export type GuardianOptions = { dataDir: string; binDir: string; pauseRef: string }
export type GuardianMessage = { type: 'node-started' } | { type: 'failed'; message: string }

function hasAppArmor(): boolean {
  const file = '/sys/module/apparmor/parameters/enabled'
  return existsSync(file) && readFileSync(file, 'utf8').startsWith('Y')
}

/** System call filters that pods may name as Localhost profiles. */
const SECCOMP_PROFILES = join(import.meta.dirname, '..', 'deploy', 'seccomp')

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`)

function writeNodeFiles(instance: Instance, node: NodeConfig): void {
  const { dataDir } = instance
  for (const folder of ['conf/net.d', 'conf/certs.d/docker.io', 'logs', 'tmp', 'kubelet/volumeplugins'])
    mkdirSync(join(dataDir, folder), { recursive: true, mode: 0o711 })
  mkdirSync(join(dataDir, 'etcd'), { mode: 0o700 })
  cpSync(SECCOMP_PROFILES, join(dataDir, 'kubelet', 'seccomp'), { recursive: true })
  for (const [path, content] of Object.entries(configFiles(node))) writeFileSync(join(dataDir, 'conf', path), content)
  const base64 = (file: string) => readFileSync(join(dataDir, 'pki', file)).toString('base64')
  const user = { 'client-certificate-data': base64('admin.crt'), 'client-key-data': base64('admin.key') }
  writeFileSync(instance.kubeconfig, kubeconfig(`https://${node.nodeIp}:6443`, base64('ca.crt'), user), { mode: 0o600 })
  writeFileSync(join(dataDir, 'conf', 'node.json'), JSON.stringify(node))
}

/** Starts the namespaces. PID 1 is a shell, as it reaps orphans; it ends with init.ts and everything ends with it. */
function spawnNode(instance: Instance): ReturnType<typeof spawn> {
  const init = [
    process.execPath,
    join(dirname(fileURLToPath(import.meta.url)), 'init.ts'),
    instance.dataDir,
    join(instance.dataDir, 'conf', 'node.json'),
  ]
  const namespaces = [
    '--mount',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ]
  return spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', '"$@" & wait $!', 'sh', ...init],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      cwd: '/',
    },
  )
}

async function findNodeInit(unsharePid: number): Promise<ProcessIdentity> {
  return waitFor(
    'the node’s first process',
    () => {
      const [child] = childrenOf(unsharePid)
      return child && readProc(child, 'comm').trim() === 'sh' ? identify(child) : null
    },
    { timeoutMs: 10_000, intervalMs: 5 },
  )
}

async function startNode(
  instance: Instance,
  link: Link,
  options: GuardianOptions,
  onEnd: (why: string) => void,
): Promise<ProcessIdentity> {
  const node: NodeConfig = {
    instanceId: instance.id,
    nodeName: NODE_NAME,
    nodeIp: link.nodeIp,
    binDir: options.binDir,
    cgroup: instance.cgroup,
    cgroupVersion: cgroupHierarchies().version,
    pauseRef: options.pauseRef,
    apparmor: hasAppArmor(),
  }
  await createPki(join(instance.dataDir, 'pki'), node.nodeName, node.nodeIp)
  writeNodeFiles(instance, node)
  createCgroup(instance.cgroup)
  const unshare = spawnNode(instance)
  unshare.on('error', (error) => onEnd(error.message))
  unshare.on('exit', (code, signal) => onEnd(`the node ended with ${signal ?? code}`))
  const init = await findNodeInit(unshare.pid ?? 0)
  await connectLink(link, init.pid)
  return init
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as GuardianOptions
  const instance = instanceAt(options.dataDir)
  const guardian = identify(process.pid)
  if (!guardian) throw new Error('/proc is not readable')

  let detached = false
  let stop: (why: string) => void = () => undefined
  const stopped = new Promise<string>((resolve) => {
    stop = resolve
  })
  process.on('message', (message) => {
    if (message === 'detach') detached = true
    if (message === 'stop') stop('asked to stop')
  })
  process.on('disconnect', () => !detached && stop('the launcher ended'))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
  const say = (message: GuardianMessage) => process.connected && process.send?.(message)

  try {
    const link = await reserveLink(instance.id, instance.linkAlias)
    const state = { guardian, node: null, link, startedAt: new Date().toISOString() }
    writeState(instance, state)
    const node = await startNode(instance, link, options, stop)
    writeState(instance, { ...state, node })
    say({ type: 'node-started' })
    log(`stopping: ${await stopped}`)
  } catch (error) {
    log(`failed: ${error instanceof Error ? error.stack : error}`)
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
  kill(readState(instance)?.node)
  await removeLeftovers(instance, { spare: [process.pid] })
  log('stopped, nothing is left')
  process.exit(0)
}

await main()
