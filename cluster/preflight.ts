import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { delimiter, join } from 'node:path'
import { cgroupHierarchies } from './cgroups.ts'
import { SetupError } from './contract.ts'

/** The facts about a machine that decide whether the embedded cluster can run on it. */
export type HostFacts = {
  platform: string
  uid: number
  kernel: string
  /** /proc/sys/user/max_user_namespaces; null when the kernel has none. */
  maxUserNamespaces: number | null
  /** Whether root here is root of the machine, not of a user namespace. */
  initialUserNamespace: boolean
  cgroupMounts: string[]
  cgroupsWritable: boolean
  missingTools: string[]
  /** Of the user's `fs.inotify.max_user_instances`, those that no process of theirs holds. */
  freeInotifyInstances: number
}

/** What a cluster takes in all (22 were counted), and a little for what else starts: without, containerd comes up half. */
const INOTIFY_INSTANCES = 26
const MINIMUM_KERNEL: [number, number] = [6, 3]
/** Tools by Debian package. */
const TOOLS: Record<string, string> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
  openssl: 'openssl',
  sh: 'dash',
}
const OTHER_CLUSTER = 'set KUBECONFIG to another cluster (kind, k3d, minikube or any real one)'

/** The first thing that keeps this machine from running the embedded cluster, or null. */
export function findProblem(host: HostFacts): SetupError | null {
  const error = (message: string, wayOut?: string) =>
    new SetupError(
      message,
      wayOut ? `${wayOut}, or ${OTHER_CLUSTER}.` : `${OTHER_CLUSTER[0]?.toUpperCase()}${OTHER_CLUSTER.slice(1)}.`,
    )
  if (host.platform !== 'linux') return error(`The embedded cluster runs on Linux only, and this is ${host.platform}.`)
  if (host.uid !== 0)
    return error('The embedded cluster needs root, for namespaces, mounts and cgroups.', 'Run this as root')
  if (!host.initialUserNamespace)
    return error('The embedded cluster cannot run inside a user namespace (a rootless container).')
  const [major = 0, minor = 0] = host.kernel.split('.').map((part) => Number.parseInt(part, 10))
  if (major < MINIMUM_KERNEL[0] || (major === MINIMUM_KERNEL[0] && minor < MINIMUM_KERNEL[1])) {
    return error(
      `Pods with user namespaces need Linux ${MINIMUM_KERNEL.join('.')} or newer (ID-mapped tmpfs), and this is ${host.kernel}.`,
      'Upgrade the kernel',
    )
  }
  if (!host.maxUserNamespaces) {
    return error(
      'User namespaces are switched off on this machine.',
      'Set the sysctl user.max_user_namespaces to 96365, say',
    )
  }
  if (host.cgroupMounts.length === 0)
    return error('No cgroup hierarchy is mounted below /sys/fs/cgroup.', 'Mount cgroup2 at /sys/fs/cgroup')
  if (!host.cgroupsWritable) return error('The cgroups below /sys/fs/cgroup are read-only.', 'Mount them read-write')
  if (host.missingTools.length > 0) {
    const packages = [...new Set(host.missingTools.map((tool) => TOOLS[tool] ?? tool))]
    return error(
      `These commands are missing: ${host.missingTools.join(', ')}.`,
      `Install them (Debian: apt-get install ${packages.join(' ')})`,
    )
  }
  if (host.freeInotifyInstances < INOTIFY_INSTANCES) {
    return error(
      `A cluster needs ${INOTIFY_INSTANCES} inotify instances, and ${host.freeInotifyInstances} are free.`,
      'Stop another cluster, or raise the sysctl fs.inotify.max_user_instances to 1024, say',
    )
  }
  return null
}

function isExecutable(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function readNumber(file: string): number | null {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Counts the open ones of this user's processes, as the kernel does not tell (inotify(7)). What ends meanwhile is none. */
function freeInotifyInstances(): number {
  const orElse = <T>(fallback: T, read: () => T): T => {
    try {
      return read()
    } catch {
      return fallback
    }
  }
  const uid = process.getuid?.()
  const folders = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && orElse(-1, () => statSync(`/proc/${name}`).uid) === uid)
    .map((pid) => `/proc/${pid}/fd`)
  const open = folders
    .flatMap((folder) => orElse<string[]>([], () => readdirSync(folder)).map((fd) => join(folder, fd)))
    .filter((fd) => orElse('', () => readlinkSync(fd)) === 'anon_inode:inotify')
  return (readNumber('/proc/sys/fs/inotify/max_user_instances') ?? 0) - open.length
}

function readHost(): HostFacts {
  const linux = process.platform === 'linux'
  const mounts = linux ? cgroupHierarchies().mounts : []
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    kernel: release(),
    maxUserNamespaces: readNumber('/proc/sys/user/max_user_namespaces'),
    initialUserNamespace: linux && /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8')),
    cgroupMounts: mounts,
    cgroupsWritable: mounts.every(isWritable),
    missingTools: Object.keys(TOOLS).filter((tool) => !isExecutable(tool)),
    freeInotifyInstances: linux ? freeInotifyInstances() : 0,
  }
}

/** Why the embedded cluster cannot run on this machine, or null when it can. */
export function checkHost(): SetupError | null {
  return findProblem(readHost())
}
