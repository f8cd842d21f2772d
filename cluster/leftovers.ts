import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupPids, findCgroups, removeCgroup } from './cgroups.ts'
import { closeEgress } from './egress.ts'
import { exec, sleep } from './exec.ts'
import { INSTANCE_ENV, type Instance, instanceAt } from './instance.ts'
import { findLinks } from './network.ts'
import { identify, kill, listPids, readProc } from './processes.ts'
import { removeState } from './state.ts'

export type Leftovers = { processes: string[]; mounts: string[]; interfaces: string[]; cgroups: string[] }

/** Everything of the instance that exists on this machine now; all lists empty when nothing is left. */
export function findLeftovers(dataDir: string): Leftovers {
  const instance = instanceAt(dataDir)
  return {
    processes: instancePids(instance).map((pid) =>
      `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 120)}`.trim(),
    ),
    mounts: findMounts(instance.dataDir),
    interfaces: findLinks(instance.linkAlias),
    cgroups: findCgroups(instance.cgroup),
  }
}

export function isClean(leftovers: Leftovers): boolean {
  return Object.values(leftovers).every((list) => list.length === 0)
}

/** Host pids of the instance: marked by environment, or, inside pods, by cgroup. */
function instancePids(instance: Instance): number[] {
  const mark = `${INSTANCE_ENV}=${instance.id}`
  const marked = listPids().filter((pid) => `\0${readProc(pid, 'environ')}`.includes(`\0${mark}\0`))
  const inPods = findCgroups(instance.cgroup).flatMap(cgroupPids)
  return [...new Set([...marked, ...inPods])].filter((pid) => pid !== process.pid && pid > 0)
}

/** Mount points of the data directory in any mount namespace of this machine. */
function findMounts(dataDir: string): string[] {
  const namespaces = new Map<string, number>()
  for (const pid of listPids()) {
    try {
      namespaces.set(readlinkSync(`/proc/${pid}/ns/mnt`), pid)
    } catch {
      // Ended meanwhile, or a kernel thread.
    }
  }
  const mountPoints = [...namespaces.values()]
    .flatMap((pid) => readProc(pid, 'mountinfo').split('\n'))
    .map((line) => line.split(' ')[4] ?? '')
    .filter((mountPoint) => `${mountPoint}/`.startsWith(`${dataDir}/`))
  return [...new Set(mountPoints)]
}

/**
 * Ends and removes whatever is left of the instance, in an order in which nothing can come back. Any number of times.
 * @throws when something still stands after `timeoutMs`.
 */
export async function removeLeftovers(
  instance: Instance,
  options: { spare?: number[]; timeoutMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + (options.timeoutMs ?? 20_000)
  for (;;) {
    const pids = instancePids(instance).filter((pid) => !options.spare?.includes(pid))
    for (const pid of pids) kill(identify(pid))
    if (pids.length === 0) {
      for (const name of findLinks(instance.linkAlias))
        await exec('ip', ['link', 'delete', name]).catch(() => undefined)
      const cgroupsGone = findCgroups(instance.cgroup).map(removeCgroup).every(Boolean)
      if (cgroupsGone && findLinks(instance.linkAlias).length === 0) break
    }
    if (Date.now() > deadline) throw new Error(`still there: ${JSON.stringify(findLeftovers(instance.dataDir))}`)
    await sleep(20)
  }
  await closeEgress(instance)
  removeBootFiles(instance)
  removeState(instance)
}

/** Files that serve one boot only, pods' own logs among them. Images (containerd) and the components' logs stay. */
function removeBootFiles(instance: Instance): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  for (const name of ['etcd', 'kubelet', 'pki', 'conf', 'tmp', 'node', 'logs/node', 'kubeconfig', 'components.json']) {
    const path = join(instance.dataDir, name)
    // Never delete through a mount: it may show somebody's files.
    if (mounts.includes(` ${path}`)) throw new Error(`${path} is still mounted: run umount on it`)
    rmSync(path, { recursive: true, force: true })
  }
}
