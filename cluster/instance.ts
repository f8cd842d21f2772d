import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Where the data directory appears inside the cluster's mount namespace: short, so that unix socket paths fit 107 bytes. */
export const NODE_DATA = '/run/drydock'

/** Marks every process of an instance but those in pods, which their cgroup marks. */
export const INSTANCE_ENV = 'DRYDOCK_CLUSTER_INSTANCE'

/** One embedded cluster: its data directory and everything named after it. */
export type Instance = {
  /** 12 hex digits of the data directory's hash. */
  id: string
  dataDir: string
  /** Folder name at the top of every cgroup hierarchy. */
  cgroup: string
  /** ifalias of the host's end of the link. */
  linkAlias: string
  kubeconfig: string
  stateFile: string
  lockFile: string
  logDir: string
}

/** The instance that lives, or would live, in `dataDir`; symlinks resolve to one instance. */
export function instanceAt(dataDir: string): Instance {
  const real = realPath(resolve(dataDir))
  const id = createHash('sha256').update(real).digest('hex').slice(0, 12)
  return {
    id,
    dataDir: real,
    cgroup: `drydock-${id}`,
    linkAlias: `drydock:${id}`,
    kubeconfig: join(real, 'kubeconfig'),
    stateFile: join(real, 'state.json'),
    lockFile: join(real, 'lock'),
    logDir: join(real, 'logs'),
  }
}

/** realpath(3) for a path whose end may not exist yet. */
function realPath(path: string): string {
  if (existsSync(path) || dirname(path) === path) return realpathSync(path)
  return join(realPath(dirname(path)), basename(path))
}
