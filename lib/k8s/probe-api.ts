import type { KubeConfig, V1Node, V1Pod, V1RuntimeClass, V1StorageClass } from '@kubernetes/client-node'
import type { Capability } from '#lib/capabilities/capability.ts'
import { type Finding, no, unknown, yes } from '#lib/capabilities/report.ts'
import { type KubernetesApi, messageOf, serverVersion } from '#lib/k8s/api.ts'
import { roomOf } from '#lib/k8s/fits.ts'
import { getJson, Refused } from '#lib/k8s/object-api.ts'
import { quantity } from '#lib/k8s/quantity.ts'

/** User namespaces and image volumes are there, if not on, from this version. */
const MIN_MINOR = 33
/** What one machine and its examiner ask for. */
const MACHINE_BYTES = 352 * 2 ** 20
const GIB = 2 ** 30
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'

export type ApiCapability = Extract<
  Capability,
  | 'version'
  | 'validating-policies'
  | 'mutating-policies'
  | 'room'
  | 'runtime-classes'
  | 'storage'
  | 'metrics'
  | 'device-tun'
  | 'device-fuse'
  | 'device-kvm'
>

/** What can be seen by asking the API server alone. A question that this account may not ask has no answer. */
export async function probeApi(api: KubernetesApi, config: KubeConfig): Promise<Record<ApiCapability, Finding>> {
  const nodes = list<V1Node>(api, 'v1', 'Node')
  const device = (name: string) => ask(async () => deviceFinding(await nodes, `drydock.dev/${name}`))
  const [version, validating, mutating, room, classes, storage, metrics, tun, fuse, kvm] = await Promise.all([
    ask(async () => versionFinding(await serverVersion(config))),
    ask(() => served(config, 'validatingadmissionpolicies')),
    ask(() => served(config, 'mutatingadmissionpolicies')),
    ask(async () => roomFinding(await nodes, await list<V1Pod>(api, 'v1', 'Pod'))),
    ask(async () => named(await list<V1RuntimeClass>(api, 'node.k8s.io/v1', 'RuntimeClass'))),
    ask(async () => storageFinding(await list<V1StorageClass>(api, 'storage.k8s.io/v1', 'StorageClass'))),
    ask(() => metricsFinding(config)),
    device('tun'),
    device('fuse'),
    device('kvm'),
  ])
  return {
    version,
    'validating-policies': validating,
    'mutating-policies': mutating,
    room,
    'runtime-classes': classes,
    storage,
    metrics,
    'device-tun': tun,
    'device-fuse': fuse,
    'device-kvm': kvm,
  }
}

const ask = (question: () => Promise<Finding>): Promise<Finding> =>
  question().catch((error: unknown) => unknown(messageOf(error).slice(0, 200)))

const list = async <T extends object>(api: KubernetesApi, apiVersion: string, kind: string): Promise<T[]> =>
  (await api.call((client) => client.list(apiVersion, kind))).items as T[]

export function versionFinding(gitVersion: string): Finding {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? []
  if (!major || !minor) return unknown(gitVersion)
  return Number(major) > 1 || Number(minor) >= MIN_MINOR ? yes(gitVersion) : no(gitVersion)
}

async function served(config: KubeConfig, resource: string): Promise<Finding> {
  const found = await unlessAbsent(config, '/apis/admissionregistration.k8s.io/v1')
  const { resources = [] } = (found ?? {}) as { resources?: { name: string }[] }
  return resources.some(({ name }) => name === resource) ? yes('') : no('not served as v1')
}

const metricsFinding = async (config: KubeConfig): Promise<Finding> =>
  (await unlessAbsent(config, '/apis/metrics.k8s.io/v1beta1/nodes')) ? yes('') : no('not served')

/** What is at a path; null where there is nothing. */
async function unlessAbsent(config: KubeConfig, path: string): Promise<unknown> {
  try {
    return await getJson(config, path)
  } catch (error) {
    if (error instanceof Refused && error.message.startsWith('404')) return null
    throw error
  }
}

export function deviceFinding(nodes: Pick<V1Node, 'status'>[], resource: string): Finding {
  const on = nodes.filter(({ status }) => quantity(status?.allocatable?.[resource]) > 0).length
  return on > 0 ? yes(`on ${on} of ${nodes.length} nodes`) : no('no node offers it')
}

/** Memory is what machines run out of first: they ask for theirs in full. */
export function roomFinding(
  nodes: Pick<V1Node, 'metadata' | 'status'>[],
  pods: Pick<V1Pod, 'spec' | 'status'>[],
): Finding {
  const taken = new Map<string, number>()
  for (const { spec, status } of pods) {
    if (!spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') continue
    const asked = spec.containers.reduce((sum, { resources }) => sum + quantity(resources?.requests?.memory), 0)
    taken.set(spec.nodeName, (taken.get(spec.nodeName) ?? 0) + asked)
  }
  const free = nodes.map((node) => roomOf(node).memory - (taken.get(node.metadata?.name ?? '') ?? 0))
  const machines = free.reduce((sum, bytes) => sum + Math.max(0, Math.floor(bytes / MACHINE_BYTES)), 0)
  const total = (amounts: number[]) => (amounts.reduce((sum, amount) => sum + amount, 0) / GIB).toFixed(1)
  const detail =
    `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, ${total(free)} of ` +
    `${total(nodes.map((node) => roomOf(node).memory))} GiB memory free, about ${machines} machines`
  return machines > 0 ? yes(detail) : no(detail)
}

const named = (classes: V1RuntimeClass[]): Finding =>
  classes.length > 0 ? yes(classes.map(({ metadata }) => metadata?.name).join(', ')) : no('none')

function storageFinding(classes: V1StorageClass[]): Finding {
  const chosen = classes.find(({ metadata }) => metadata?.annotations?.[DEFAULT_CLASS] === 'true')
  return chosen ? yes(chosen.metadata?.name ?? '') : no(classes.length > 0 ? 'none is the default' : 'none')
}
