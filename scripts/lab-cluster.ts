import { once } from 'node:events'
import { join } from 'node:path'
import { startCluster } from '#cluster/boot.ts'
import { type BuiltImage, type Progress, type RunningCluster, SetupError } from '#cluster/contract.ts'
import { presentDevices } from '#cluster/device-plugin/devices.ts'
import { openEgress } from '#cluster/egress.ts'
import { sleep } from '#cluster/exec.ts'
import { instanceAt } from '#cluster/instance.ts'
import { REGISTRY_SERVICE_IP } from '#cluster/network.ts'
import { addImages, startRegistry } from '#cluster/registry.ts'
import { runningState } from '#cluster/state.ts'
import { egressHosts } from '#lib/env.ts'
import { isPrefix, NOT_PUBLIC } from '#lib/labs/ipv4.ts'
import type { WorkerMessage } from './build-worker.ts'
import { spawnBound, stopChild } from './child.ts'
import { LOGS, ROOT } from './paths.ts'

export type Stage = 'programs' | 'images' | 'cluster' | Addition['stage']
/** What comes to a cluster that is ready, in this order: no first lab waits for it, and what takes minutes is last. */
export const ADDITIONS = [
  {
    stage: 'extras',
    start: startRegistry,
    ready: 'The image registry is ready: labs can pull images.',
    failed: 'The image registry is not available; labs that pull images wait for it.',
  },
  {
    stage: 'late',
    start: addImages,
    ready: 'The ingress controller is ready: labs can have an Ingress.',
    failed: 'The ingress controller is not available; labs with an Ingress wait for it.',
  },
] as const
type Addition = (typeof ADDITIONS)[number]

export type OnStage = (stage: Stage, progress: Progress) => void
export type Built = { binDir: string; images: BuiltImage[] }

/** Long enough for the builders to unmount and remove what they were at. */
const ABORT_GRACE_MS = 8000
const WATCH_INTERVAL_MS = 2000

/**
 * Builds the cluster's programs and images, or finds them built. Aborting leaves nothing behind.
 * @throws SetupError
 */
export function buildParts(onStage: OnStage, signal: AbortSignal, nice = 10): Promise<Built> {
  return build([], onStage, signal, nice)
}

/**
 * Builds an addition, loads its images into the running cluster and starts what there is to start: the registry.
 * @returns the images that came to the cluster
 * @throws SetupError
 */
export async function add(
  { stage, start }: Addition,
  dataDir: string,
  onStage: OnStage,
  signal: AbortSignal,
  nice = 19,
): Promise<BuiltImage[]> {
  const { images } = await build([stage], onStage, signal, nice)
  await start(dataDir, images)
  return images
}

async function build(args: string[], onStage: OnStage, signal: AbortSignal, nice: number): Promise<Built> {
  signal.throwIfAborted()
  const log = join(LOGS, 'build.log')
  const worker = spawnBound(process.execPath, ['scripts/build-worker.ts', ...args], { cwd: ROOT, nice, ipc: true, log })
  let result: Built | undefined
  let failure: SetupError | undefined
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'progress') onStage(message.stage, message.progress)
    if (message.type === 'built') result = { binDir: message.binDir, images: message.images }
    if (message.type === 'failed') failure = new SetupError(message.message, message.wayOut)
  })
  let stopped: Promise<void> | undefined
  const abort = () => {
    stopped = stopChild(worker, 'SIGTERM', ABORT_GRACE_MS)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    await once(worker, 'exit')
    await stopped
    signal.throwIfAborted()
    if (result) return result
    throw failure ?? new SetupError('The build of the cluster’s parts ended without a result.', `Its log is ${log}.`)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** What the embedded cluster offers machines, as the site's environment has it. */
export const clusterOffers = (): Record<string, string> => ({
  DRYDOCK_REGISTRY: REGISTRY_SERVICE_IP,
  DRYDOCK_DEVICES: presentDevices()
    .map(({ name }) => name)
    .join(','),
})

/** Image name to reference, as DRYDOCK_IMAGES wants it. */
export function imageMap(images: BuiltImage[]): Record<string, string> {
  return Object.fromEntries(images.map(({ name, ref }) => [name, ref]))
}

/** Boots it, with a way out where this platform's environment allows labs one. */
export async function bootCluster(dataDir: string, built: Built, onStage: OnStage): Promise<RunningCluster> {
  const cluster = await startCluster({ dataDir, ...built, onProgress: (progress) => onStage('cluster', progress) })
  const listed = egressHosts.parse(process.env.DRYDOCK_EGRESS_HOSTS)
  if (listed.length === 0) return cluster
  try {
    await openEgress(dataDir, { except: NOT_PUBLIC, also: listed.filter(isPrefix) })
    return cluster
  } catch (cause) {
    await cluster.stop()
    throw new SetupError(
      `The way out for labs could not be opened: ${cause instanceof Error ? cause.message : cause}.`,
      'Leave DRYDOCK_EGRESS_HOSTS empty to go on without one.',
      { cause },
    )
  }
}

/** Resolves when the cluster of this folder does not run any more, or when aborted. */
export async function untilClusterEnds(dataDir: string, signal: AbortSignal): Promise<void> {
  const instance = instanceAt(dataDir)
  while (!signal.aborted && runningState(instance)) await sleep(WATCH_INTERVAL_MS)
}
