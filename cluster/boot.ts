import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiClient, adminClient } from './api-client.ts'
import { clusterRoles } from './cluster-roles.ts'
import { COMPONENT_NAMES } from './components.ts'
import { type BuiltImage, type OnProgress, type RunningCluster, SetupError } from './contract.ts'
import { corednsManifests } from './coredns.ts'
import { waitForDeployment } from './deployment.ts'
import { BOOT_TIMEOUT_MS, Guardian } from './guardian-handle.ts'
import { loadImages, pruneImages, waitForContainerd } from './images.ts'
import { type Instance, instanceAt } from './instance.ts'
import { removeLeftovers } from './leftovers.ts'
import { tryLock } from './lock.ts'
import { checkHost } from './preflight.ts'
import { readNodeConfig, runningState } from './state.ts'

export type StartOptions = { dataDir: string; binDir: string; images: BuiltImage[]; onProgress?: OnProgress }
export type Boot = RunningCluster & {
  /** Lets the cluster outlive this process; `stopCluster` ends it from anywhere. */
  detach: () => void
}

const STEPS = ['namespaces', 'API server', 'node', 'images', 'DNS', 'ready']

/**
 * Boots the embedded cluster below `dataDir` and resolves when its node is ready, `images` (with `pause` and `coredns`
 * among them) are in its store, and names resolve. It ends with this process, however that ends, unless detached.
 * @throws SetupError when this machine cannot run it, or one already runs there.
 */
export async function startCluster(options: StartOptions): Promise<Boot> {
  const problem = checkHost()
  if (problem) throw problem
  for (const name of ['pause', 'coredns']) imageNamed(options.images, name)
  const instance = instanceAt(options.dataDir)
  mkdirSync(instance.dataDir, { recursive: true, mode: 0o711 })
  const lock = tryLock(instance.lockFile)
  if (!lock.held || runningState(instance)) {
    if (lock.held) lock.release()
    throw new SetupError(
      `A cluster already runs in ${instance.dataDir}.`,
      'Use it, or stop it with `npm run cluster -- down`.',
    )
  }
  const step = (index: number, detail = '') =>
    options.onProgress?.({
      component: 'cluster',
      step: `${STEPS[index]}${detail}`,
      done: index,
      total: STEPS.length - 1,
      etaSeconds: null,
    })
  let guardian: Guardian | undefined
  let client: ApiClient | undefined
  try {
    step(0)
    await removeLeftovers(instance)
    rotateLogs(instance)
    guardian = new Guardian(instance, {
      dataDir: instance.dataDir,
      binDir: options.binDir,
      pauseRef: imageNamed(options.images, 'pause').ref,
    })
    await guardian.started
    step(1)
    client = await connect(instance, guardian)
    await bringUp({ instance, guardian, client, options, step })
    step(5)
  } catch (error) {
    await guardian?.stop()
    throw explain(error, instance)
  } finally {
    client?.close()
    lock.release()
  }
  const running = guardian
  return { kubeconfig: instance.kubeconfig, stop: () => running.stop(), detach: () => running.detach() }
}

function imageNamed(images: BuiltImage[], name: string): BuiltImage {
  const found = images.find((image) => image.name === name)
  if (found) return found
  throw new SetupError(
    `The cluster needs an image named "${name}".`,
    'Build the images first: buildImages in images/build.ts.',
  )
}

async function connect(instance: Instance, guardian: Guardian): Promise<ApiClient> {
  const client = adminClient(`https://${readNodeConfig(instance).nodeIp}:6443`, join(instance.dataDir, 'pki'))
  await guardian.waitFor('the API server', async () => (await client.get('/readyz')).status === 200)
  return client
}

type BringUp = {
  instance: Instance
  guardian: Guardian
  client: ApiClient
  options: StartOptions
  step: (index: number, detail?: string) => void
}

async function bringUp({ instance, guardian, client, options, step }: BringUp): Promise<void> {
  step(2)
  const state = runningState(instance)
  if (!state) throw new Error('the node ended while it was starting')
  const apply = (manifest: Parameters<ApiClient['apply']>[0]) =>
    guardian.waitFor(`${manifest.kind} ${manifest.metadata.name}`, () => client.apply(manifest).then(() => true))
  const load = (images: BuiltImage[]) => loadImages(state, options.binDir, images, ({ name }) => step(3, `: ${name}`))

  // Images go in beside the node's start. Those that DNS needs come first, so that it starts while the others load.
  const system = options.images.filter(({ name }) => name === 'pause' || name === 'coredns')
  const others = options.images.filter((image) => !system.includes(image))
  const loaded = (async () => {
    await waitForContainerd(state, options.binDir, BOOT_TIMEOUT_MS)
    await pruneImages(state, options.binDir, options.images)
    await load(system)
    for (const manifest of corednsManifests(imageNamed(options.images, 'coredns').ref)) await apply(manifest)
    await load(others)
  })()
  const granted = (async () => {
    for (const role of clusterRoles()) await apply(role)
  })()
  await Promise.all([loaded, granted, guardian.waitFor('the node', () => isNodeReady(client))])
  step(4)
  await Promise.race([waitForDeployment(client, 'coredns', BOOT_TIMEOUT_MS), guardian.failed])
}

type NodeList = { items: { status?: { conditions?: { type: string; status: string }[] } }[] }

async function isNodeReady(client: ApiClient): Promise<boolean> {
  const nodes = await client.getJson<NodeList>('/api/v1/nodes')
  const conditions = nodes?.items[0]?.status?.conditions ?? []
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** Stops the cluster of a data directory, whoever started it, and removes what an earlier crash left. True if one ran. */
export async function stopCluster(dataDir: string): Promise<boolean> {
  const instance = instanceAt(dataDir)
  const ran = runningState(instance) !== null
  await removeLeftovers(instance)
  return ran
}

/** Keeps one earlier boot's logs beside this one's. */
function rotateLogs(instance: Instance): void {
  for (const name of ['node', ...COMPONENT_NAMES, 'audit']) {
    const file = join(instance.logDir, `${name}.log`)
    if (existsSync(file)) renameSync(file, `${file}.1`)
  }
}

/** Adds where to look. */
function explain(error: unknown, instance: Instance): Error {
  if (error instanceof SetupError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new SetupError(`The embedded cluster did not start: ${message}.`, `Look into ${instance.logDir}.`, {
    cause: error,
  })
}
