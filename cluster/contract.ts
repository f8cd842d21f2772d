/**
 * What the embedded cluster and the image builder say to whoever starts them (scripts, tests, benches).
 * Kept apart so that neither imports the other.
 */

/** One step of long work. `done`/`total` are weighted units of this component, `etaSeconds` null while unknown. */
export type Progress = { component: string; step: string; done: number; total: number; etaSeconds: number | null }
export type OnProgress = (progress: Progress) => void

/**
 * An image as built: `ref` names it inside the cluster, `archive` is an OCI archive on this machine. `aliases` are further
 * names it has there, which never change.
 */
export type BuiltImage = { name: string; ref: string; archive: string; aliases?: string[] }

/** A running embedded cluster. `stop` resolves when no process, mount, interface or cgroup of it is left. */
export type RunningCluster = { kubeconfig: string; stop: () => Promise<void> }

export class SetupError extends Error {
  /** `wayOut` is the sentence that tells a person what to do. */
  readonly wayOut: string
  constructor(message: string, wayOut: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SetupError'
    this.wayOut = wayOut
  }
}
