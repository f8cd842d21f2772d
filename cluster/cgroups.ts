import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Mount points of this machine's cgroup hierarchies, from /proc/self/mountinfo (proc(5)). */
export type CgroupHierarchies = { version: 1 | 2; mounts: string[] }

export function parseCgroupMounts(mountinfo: string): CgroupHierarchies {
  const v1: string[] = []
  const v2: string[] = []
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ')
    const mountPoint = before?.split(' ')[4]
    const type = after?.split(' ')[0]
    if (!mountPoint?.startsWith('/sys/fs/cgroup')) continue
    if (type === 'cgroup') v1.push(mountPoint)
    if (type === 'cgroup2') v2.push(mountPoint)
  }
  // A hybrid machine mounts an empty v2 hierarchy beside v1's: Kubernetes goes by what is at /sys/fs/cgroup itself.
  return v2.includes('/sys/fs/cgroup')
    ? { version: 2, mounts: ['/sys/fs/cgroup'] }
    : { version: 1, mounts: [...new Set([...v1, ...v2])] }
}

export function cgroupHierarchies(): CgroupHierarchies {
  return parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
}

const V2_CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids', 'io']

/** Makes the instance's cgroup at the top of every hierarchy: the kubelet wants it in each, `systemd` included. */
export function createCgroup(name: string, hierarchies = cgroupHierarchies()): void {
  for (const mount of hierarchies.mounts) {
    if (hierarchies.version === 2) enableControllers(mount)
    const folder = join(mount, name)
    mkdirSync(folder, { recursive: true })
    if (hierarchies.version === 2) enableControllers(folder)
    // A new v1 cpuset is empty, and no process may enter it until it has CPUs and memory nodes.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (hierarchies.version === 1 && existsSync(join(folder, file))) {
        writeFileSync(join(folder, file), readFileSync(join(mount, file), 'utf8'))
      }
    }
  }
}

function enableControllers(folder: string): void {
  const offered = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ')
  const enabled = readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ')
  for (const controller of V2_CONTROLLERS) {
    if (offered.includes(controller) && !enabled.includes(controller)) {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`)
    }
  }
}

/** The instance's cgroups that exist, one for each hierarchy. */
export function findCgroups(name: string, hierarchies = cgroupHierarchies()): string[] {
  return hierarchies.mounts.map((mount) => join(mount, name)).filter((folder) => existsSync(folder))
}

/** Pids in a cgroup and all below it. */
export function cgroupPids(folder: string): number[] {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    return [...own, ...subfolders(folder).flatMap(cgroupPids)]
  } catch {
    return []
  }
}

/** Removes a cgroup with all below it. False while something in it is still busy: call again. */
export function removeCgroup(folder: string): boolean {
  try {
    for (const child of subfolders(folder)) removeCgroup(child)
    rmdirSync(folder)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
  return true
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
}
