import { AppError } from '#lib/errors.ts'
import type { ClusterPort } from '#lib/sandbox/cluster-port.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

/** The live adapters of this process. Server registers them; `app`, which Next bundles apart, finds them here. */
export type Runtime = { cluster: ClusterPort; exec: ExecPort; wakeReconciler: () => void }

const shared = globalThis as { drydockRuntime?: Runtime }

export function registerRuntime(runtime: Runtime): void {
  shared.drydockRuntime = runtime
}

export function runtime(): Runtime {
  if (!shared.drydockRuntime) throw new AppError('internal', 'no runtime is registered in this process')
  return shared.drydockRuntime
}
