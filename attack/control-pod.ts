import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { machinePod } from '#lib/sandbox/machine-pod.ts'
import { PROFILES, type ProfileName } from '#lib/sandbox/machine-profiles.ts'
import { AGENT_PATH, MACHINE_CONTAINER } from '#lib/sandbox/names.ts'

/**
 * What is off in a control: `open`: the network's policies, and nothing of the container. `privileged`: what sets the
 * container's root apart from the node's. `node`: that, and the node's processes and network are shared. `roomy`: the
 * bounds of memory and disk are a few times as wide.
 */
export type ControlKind = 'open' | 'privileged' | 'node' | 'roomy'

const PRIVILEGED = { privileged: true, runAsUser: 0, runAsGroup: 0, runAsNonRoot: false }
const ROOM = 4
const roomy = (profile: ProfileName) => {
  const { memoryMiB, diskMiB } = PROFILES[profile].size
  const limits = { cpu: '1', memory: `${ROOM * memoryMiB}Mi`, 'ephemeral-storage': `${ROOM * diskMiB[1]}Mi` }
  return { limits, requests: { cpu: '50m', memory: `${memoryMiB}Mi`, 'ephemeral-storage': '64Mi' } }
}

type Spec = { containers: Record<string, unknown>[]; volumes: { name: string }[] } & Record<string, unknown>

/**
 * The machine of a profile as the platform makes it, with one defence off: the same image, so that a probe which fails
 * for want of a program fails here, too. Pure.
 */
export function controlPod(options: {
  kind: ControlKind
  profile: ProfileName
  images: Record<string, string>
  namespace: string
  name: string
}): Manifest {
  const { kind, profile, images, namespace, name } = options
  const made = machinePod({
    machine: { name, profile, terminals: ['main'] },
    images,
    metadata: { name, namespace },
    learnerNamespace: namespace,
  })
  const spec = made.spec as Spec
  const machine = spec.containers.find((container) => container.name === MACHINE_CONTAINER)
  const onNode = kind === 'node'
  const unbound = kind === 'node' || kind === 'privileged'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'drydock.dev/control': kind } },
    spec: {
      ...spec,
      containers: [
        {
          ...machine,
          command: [AGENT_PATH, 'idle'],
          ...(unbound && { securityContext: PRIVILEGED }),
          ...(kind === 'roomy' && { resources: roomy(profile) }),
        },
      ],
      serviceAccountName: 'default',
      dnsPolicy: 'ClusterFirst',
      ...(unbound && { hostUsers: true, shareProcessNamespace: false }),
      ...(onNode && { hostNetwork: true, hostPID: true, hostname: undefined }),
    },
  }
}
