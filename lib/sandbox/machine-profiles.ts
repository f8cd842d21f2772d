import { ENGINE_SECCOMP_PROFILE } from '#lib/capabilities/capability.ts'
import type { Lab } from '#lib/labs/schema.ts'

export type ProfileName = Lab['machines'][number]['profile']

/** Of one container: what it may count on, and where it ends. Memory is one number, and so always there in full. */
export type Size = { cpuMillis: [request: number, limit: number]; memoryMiB: number; diskMiB: [number, number] }

/** What a machine is, by the name that labs ask for. */
export type Profile = {
  /** Name of the machine's image, where the lab brings none. */
  image: string
  /** Root in a user namespace, kept from the pod's other processes; else `learner`, who holds no capability at all. */
  root: boolean
  /** Reaches the API server, and a namespace of the learner's own. */
  kubernetes: boolean
  size: Size
  engine?: Engine
}

/** What container engines need beyond root. */
type Engine = {
  /** Below the `seccomp` folder of each node's kubelet; deploy/seccomp holds it. */
  seccompProfile: string
  /** Folders on a volume: an overlay cannot be stacked upon the container's own. */
  dataFolders: string[]
  /** Devices that it has where nodes offer them (`drydock.dev/NAME`): for networks and file systems of users who are not root. */
  devices: string[]
  /** Programs of the image that the agent runs: PROGRAM or PROGRAM=SOCKET. */
  services: string[]
}

const SMALL: Size = { cpuMillis: [50, 1000], memoryMiB: 256, diskMiB: [64, 1024] }

export const PROFILES: Record<ProfileName, Profile> = {
  shell: { image: 'base', root: false, kubernetes: false, size: SMALL },
  root: { image: 'root', root: true, kubernetes: false, size: SMALL },
  engine: {
    image: 'engine',
    root: true,
    kubernetes: false,
    size: { cpuMillis: [100, 1000], memoryMiB: 1024, diskMiB: [256, 4096] },
    engine: {
      seccompProfile: ENGINE_SECCOMP_PROFILE,
      dataFolders: ['/var/lib/docker', '/var/lib/containerd', '/var/lib/containers'],
      devices: ['tun', 'fuse'],
      services: ['/usr/lib/drydock/containerd', '/usr/lib/drydock/dockerd=/run/docker.sock'],
    },
  },
  kubernetes: { image: 'kubernetes', root: false, kubernetes: true, size: SMALL },
}

const FACTOR = { small: 1, medium: 2, large: 4 }

/** What a machine has: its profile's size, or that many times more memory and disk, and at most twice the processor. */
export function sizeOf({ profile, size = 'small' }: Pick<Lab['machines'][number], 'profile' | 'size'>): Size {
  const { cpuMillis, memoryMiB, diskMiB } = PROFILES[profile].size
  const more = FACTOR[size]
  return {
    cpuMillis: [cpuMillis[0], cpuMillis[1] * Math.min(2, more)],
    memoryMiB: memoryMiB * more,
    diskMiB: [diskMiB[0] * more, diskMiB[1] * more],
  }
}

/** A whole core at most: a round of checks is short, and half a core made it take twice as long (docs/decisions/0020). */
export const EXAMINER_SIZE: Size = { cpuMillis: [20, 1000], memoryMiB: 96, diskMiB: [16, 64] }

/** Whether a lab has a namespace for its learner. */
export const usesKubernetes = (lab: Pick<Lab, 'machines'>): boolean =>
  lab.machines.some(({ profile }) => PROFILES[profile].kubernetes)

/** What a learner's root expects to have; of these only the first three reach beyond a default container. */
const ROOT_CAPABILITIES = [
  ...['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW'],
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]
/** The one capability more is what keeps learners' root out of the examiner's processes, and lets it look into theirs. */
export const EXAMINER_CAPABILITIES = [...ROOT_CAPABILITIES, 'SYS_PTRACE']

export const machineCapabilities = (profile: ProfileName): string[] => (PROFILES[profile].root ? ROOT_CAPABILITIES : [])
