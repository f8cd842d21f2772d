import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startCluster, stopCluster } from './boot.ts'
import { buildComponents } from './build.ts'
import { COMPONENT_NAMES } from './components.ts'
import { type BuiltImage, type OnProgress, SetupError } from './contract.ts'
import { importArchive } from './images.ts'
import { type Instance, instanceAt } from './instance.ts'
import { REGISTRY_ADDRESS } from './network.ts'
import { checkHost } from './preflight.ts'
import { progressLine } from './progress-line.ts'
import { startRegistry } from './registry.ts'
import { readNodeConfig, runningState } from './state.ts'
import type { ComponentStatus } from './supervisor.ts'

/** Builds the images a cluster needs; passed in, as cluster/ does not know images/. */
export type ImageBuilder = (options: {
  binDir: string
  onProgress: OnProgress
  /** Those that no first lab waits for, the registry among them. */
  extra?: boolean
}) => Promise<BuiltImage[]>

const USAGE = `Usage: npm run cluster -- COMMAND [--data FOLDER]

  up                 build what is missing, boot the cluster in the background, return when it is ready
  down               stop it and leave nothing running
  status             components, node, kubeconfig, uptime (exit 0 when up, 3 when down)
  kubeconfig         print the path of the kubeconfig
  registry           build the image registry and what it holds, and start it in the running cluster
  load ARCHIVE…      import OCI archives into the node's image store
  manifests          print the admission policies as YAML, for kubectl apply or a chart; DRYDOCK_IMAGES as for the platform
  logs [COMPONENT]   show logs: node, ${COMPONENT_NAMES.join(', ')}, audit
  doctor             what this or any other cluster offers, and what labs would miss (doctor --help)
`

/** Runs one command and resolves with the exit code. */
export async function runCli(argv: string[], buildImages: ImageBuilder): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    const [command = '', ...rest] = positionals
    const run = commands[command]
    if (values.help || !run) {
      ;(values.help ? console.log : console.error)(USAGE)
      return values.help ? 0 : 2
    }
    const dataDir = values.data ?? join(import.meta.dirname, '..', '.data', 'cluster')
    return await run(instanceAt(dataDir), rest, buildImages)
  } catch (error) {
    console.error(sentence(error))
    return error instanceof TypeError ? 2 : 1
  }
}

type Command = (instance: Instance, args: string[], buildImages: ImageBuilder) => Promise<number>

const commands: Record<string, Command> = { up, down, status, kubeconfig, registry, load, logs }

async function up(instance: Instance, _args: string[], buildImages: ImageBuilder): Promise<number> {
  if (runningState(instance)) {
    console.log(`The cluster already runs. KUBECONFIG=${instance.kubeconfig}`)
    return 0
  }
  // Before anything long: building for minutes and failing then helps nobody.
  const problem = checkHost()
  if (problem) throw problem
  const line = progressLine(process.stderr)
  const startedAt = Date.now()
  const abort = abortOnSignal()
  try {
    const binDir = await buildComponents({ onProgress: line.update })
    const images = await buildImages({ binDir, onProgress: line.update })
    const cluster = await startCluster({ dataDir: instance.dataDir, binDir, images, onProgress: line.update })
    cluster.detach()
  } finally {
    line.end()
    abort.dispose()
  }
  console.log(
    `The cluster is ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s. KUBECONFIG=${instance.kubeconfig}`,
  )
  return 0
}

/** Ctrl-C ends this process, and with it, by losing it, the guardian ends the half-booted node. */
function abortOnSignal() {
  const exit = () => process.exit(130)
  process.once('SIGINT', exit).once('SIGTERM', exit)
  return { dispose: () => process.off('SIGINT', exit).off('SIGTERM', exit) }
}

async function down(instance: Instance): Promise<number> {
  console.log((await stopCluster(instance.dataDir)) ? 'The cluster is stopped.' : 'No cluster was running.')
  return 0
}

async function status(instance: Instance): Promise<number> {
  const state = runningState(instance)
  if (!state) {
    console.log('The cluster is down. Start it with `npm run cluster -- up`.')
    return 3
  }
  const components = JSON.parse(readFileSync(join(instance.dataDir, 'components.json'), 'utf8')) as ComponentStatus[]
  const minutes = Math.floor((Date.now() - Date.parse(state.startedAt)) / 60_000)
  console.log(`up for     ${Math.floor(minutes / 60)} h ${minutes % 60} min, since ${state.startedAt}`)
  console.log(`node       node1 at ${state.link.nodeIp} (process ${state.node.pid}, interface ${state.link.name})`)
  console.log(`kubeconfig ${instance.kubeconfig}`)
  for (const { name, pid, restarts, lastExit } of components) {
    const trouble = restarts > 0 ? `, restarted ${restarts}×, last end: ${lastExit}` : ''
    console.log(`  ${name.padEnd(24)} ${pid === null ? 'DOWN' : 'running'}${trouble}`)
  }
  return 0
}

async function kubeconfig(instance: Instance): Promise<number> {
  requireRunning(instance)
  console.log(instance.kubeconfig)
  return 0
}

async function registry(instance: Instance, _args: string[], buildImages: ImageBuilder): Promise<number> {
  requireRunning(instance)
  const line = progressLine(process.stderr)
  try {
    const binDir = await buildComponents({ components: ['registry'], onProgress: line.update })
    await startRegistry(instance.dataDir, await buildImages({ binDir, onProgress: line.update, extra: true }))
  } finally {
    line.end()
  }
  console.log(`The registry is ready: pods pull from Docker Hub’s place, machines from http://${REGISTRY_ADDRESS}.`)
  return 0
}

async function load(instance: Instance, archives: string[]): Promise<number> {
  const state = requireRunning(instance)
  if (archives.length === 0)
    throw new SetupError('No archive was named.', 'Say which: npm run cluster -- load image.tar.')
  const { binDir } = readNodeConfig(instance)
  for (const archive of archives.map((path) => resolve(path))) {
    if (!existsSync(archive)) throw new SetupError(`${archive} does not exist.`, 'Give the path of an OCI archive.')
    await importArchive(state, binDir, archive)
    console.log(`loaded ${archive}`)
  }
  return 0
}

/** Follows the log on a terminal, else prints its end. */
async function logs(instance: Instance, [component = 'node']: string[]): Promise<number> {
  const file = join(instance.logDir, `${component}.log`)
  if (!existsSync(file)) {
    throw new SetupError(
      `There is no log of "${component}".`,
      `Choose one of node, ${COMPONENT_NAMES.join(', ')}, audit.`,
    )
  }
  const tail = spawn('tail', ['-n', '200', ...(process.stdout.isTTY ? ['-F'] : []), file], { stdio: 'inherit' })
  return new Promise((done) => tail.once('exit', (code) => done(code ?? 0)))
}

function requireRunning(instance: Instance) {
  const state = runningState(instance)
  if (!state) throw new SetupError('The cluster is down.', 'Start it with `npm run cluster -- up`.')
  return state
}

function sentence(error: unknown): string {
  if (error instanceof SetupError) return `${error.message} ${error.wayOut}`
  return error instanceof Error ? error.message : String(error)
}
