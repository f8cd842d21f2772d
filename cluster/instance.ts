import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'

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

/** The instance that lives in `dataDir`, which is created when missing; symlinks resolve to one instance. */
export function instanceAt(dataDir: string): Instance {
  mkdirSync(resolve(dataDir), { recursive: true, mode: 0o711 })
  const real = realpathSync(resolve(dataDir))
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
