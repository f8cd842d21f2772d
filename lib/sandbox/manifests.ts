import type { Lab } from '#lib/labs/schema.ts'
import type { ApiServerAddress, Manifest } from '#lib/sandbox/cluster-port.ts'
import { INGRESS_SIZE, ingressManifests, podNames, usesIngress } from '#lib/sandbox/ingress.ts'
import type { Opening } from '#lib/sandbox/lab-egress.ts'
import { learnerNamespace } from '#lib/sandbox/learner-namespace.ts'
import { accountOf, machinePod } from '#lib/sandbox/machine-pod.ts'
import { EXAMINER_SIZE, PROFILES, type Size, sizeOf, usesKubernetes } from '#lib/sandbox/machine-profiles.ts'
import { INSTANCE_LABEL, NAMESPACE_LABEL, NAMESPACE_PARTS, namespacesOf, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import { denyAll, outsideTraffic, registryTraffic, workstationTraffic } from '#lib/sandbox/network-policies.ts'

export type ManifestOptions = {
  sandboxId: string
  instance: string
  lab: Lab
  images: Record<string, string>
  /** Where pods of Kubernetes labs may reach the API server. */
  apiServer?: ApiServerAddress[]
  /** Address of the registry that container engines pull from; undefined where there is none. */
  registry?: string | undefined
  /** Devices that every node offers, as resources `drydock.dev/NAME`. */
  devices?: readonly string[]
  /** What the lab opens outside, with addresses. */
  egress?: Opening[]
}

/** What all machines may use together, each with its examiner, and the ingress: exactly what their pods ask for. */
function quota(lab: Lab) {
  const door = usesIngress(lab)
  const sizes = [
    ...lab.machines.flatMap((machine) => [sizeOf(machine), EXAMINER_SIZE]),
    ...(door ? [INGRESS_SIZE] : []),
  ]
  const sum = (of: (size: Size) => number) => sizes.reduce((total, size) => total + of(size), 0)
  return {
    pods: `${podNames(lab).length}`,
    'requests.cpu': `${sum(({ cpuMillis }) => cpuMillis[0])}m`,
    'limits.cpu': `${sum(({ cpuMillis }) => cpuMillis[1])}m`,
    'requests.memory': `${sum(({ memoryMiB }) => memoryMiB)}Mi`,
    'limits.memory': `${sum(({ memoryMiB }) => memoryMiB)}Mi`,
    'limits.ephemeral-storage': `${sum(({ diskMiB }) => diskMiB[1])}Mi`,
    services: door ? '1' : '0',
    'services.loadbalancers': '0',
    'services.nodeports': '0',
    secrets: '0',
    // Kubernetes itself puts one there: kube-root-ca.crt.
    configmaps: '1',
    persistentvolumeclaims: '0',
  }
}

/** No container is larger than the lab's largest machine. */
function largest(lab: Lab) {
  const sizes = lab.machines.map(sizeOf)
  const most = (of: (size: Size) => number) => Math.max(...sizes.map(of))
  return {
    cpu: `${most(({ cpuMillis }) => cpuMillis[1])}m`,
    memory: `${most(({ memoryMiB }) => memoryMiB)}Mi`,
    'ephemeral-storage': `${most(({ diskMiB }) => diskMiB[1])}Mi`,
  }
}

/**
 * Everything a sandbox is made of: its `-sys` namespace first, then what bounds it, then one pod per machine; and, for a
 * lab that uses Kubernetes, the learner's own namespace. Pure; the same options give the same objects.
 * @throws AppError `cluster-unavailable` when an image is not built yet
 */
export function sandboxManifests(options: ManifestOptions): Manifest[] {
  const { sandboxId, images, apiServer = [], registry, devices = [], egress = [] } = options
  const { sys: namespace, learner } = namespacesOf(sandboxId)
  const kubernetes = usesKubernetes(options.lab)
  const labels = { [SANDBOX_LABEL]: sandboxId, [INSTANCE_LABEL]: options.instance }
  const inside = (name: string) => ({ name, namespace, labels })
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        // SYS_ADMIN and NET_RAW pass no narrower level; the learner has no API access to this namespace.
        labels: {
          ...labels,
          [NAMESPACE_LABEL]: NAMESPACE_PARTS.sys,
          'pod-security.kubernetes.io/enforce': 'privileged',
        },
      },
    },
    ...[...new Set(options.lab.machines.map(accountOf))].map((name) => account(inside(name))),
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: inside('bounds'),
      spec: { hard: quota(options.lab) },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: inside('bounds'),
      spec: {
        limits: [
          {
            type: 'Container',
            max: largest(options.lab),
            default: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
            defaultRequest: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
          },
        ],
      },
    },
    denyAll(inside),
    ...(kubernetes ? [workstationTraffic({ inside, sandboxId, apiServer })] : []),
    ...(registry && options.lab.machines.some(({ profile }) => PROFILES[profile].engine)
      ? [registryTraffic(inside, registry)]
      : []),
    ...(egress.length > 0 ? [outsideTraffic(inside, egress)] : []),
    ...options.lab.machines.map((machine) =>
      machinePod({
        machine,
        images,
        metadata: inside(machine.name),
        learnerNamespace: learner,
        registry,
        devices,
        egress,
      }),
    ),
    ...(kubernetes
      ? learnerNamespace({
          sandboxId,
          labels,
          apiServer,
          egress,
          accounts: options.lab.kubernetes?.serviceAccounts ?? [],
        })
      : []),
    ...(usesIngress(options.lab) ? ingressManifests({ sandboxId, labels, images, apiServer }) : []),
  ]
}

const account = (metadata: Manifest['metadata']): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata,
  automountServiceAccountToken: false,
})
