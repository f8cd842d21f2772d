import type { Problem } from '#lib/sandbox/problems.ts'

/** A Kubernetes object as plain data. Manifests are pure functions that return these. */
export type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
} & Record<string, unknown>

/** What the cluster says of one machine pod. `problem`: why it is not ready yet or, when `terminated`, not any more. */
export type PodStatus = {
  sandboxId: string
  machine: string
  ready: boolean
  terminated: boolean
  problem: Problem | null
}

/** A namespace that carries our label. `uid` guards against deleting a namespace that was made anew under the same name. */
export type OwnedNamespace = {
  name: string
  uid: string
  sandboxId: string
  createdAt: Date
  /** Since when it is being deleted; null while it is not. */
  terminatingSince: Date | null
}

/** Where the API server answers, as pods see it: in front of its Service and behind it. */
export type ApiServerAddress = { address: string; port: number }

/** What sandboxes need of a cluster. Implemented by lib/k8s; faked in unit tests. */
export type ClusterPort = {
  /** Resolves with the server's version, or throws `cluster-unavailable`. */
  version(): Promise<string>
  /** Tells this cluster from one that was made anew at the same address: the uid of kube-system. */
  identity(): Promise<string>
  /** Every address at which pods may reach the API server. */
  apiServer(): Promise<ApiServerAddress[]>
  /** Whether the pods among these find places when nobody else is there; null when this platform may not ask. */
  fits(manifests: Manifest[]): Promise<boolean | null>
  /**
   * Creates every object, in parallel where Kubernetes allows; an object that exists already is success.
   * @throws AppError `lab-unavailable` when the cluster refuses one for good: quota, limits, policies, rights
   */
  create(manifests: Manifest[]): Promise<void>
  /**
   * Makes cluster-wide objects exactly this, whatever they were; all or none of ours are of use. Resolves with false when
   * this platform may not: then somebody else has to.
   */
  apply(manifests: Manifest[]): Promise<boolean>
  /** Follows the machine pods of all our sandboxes; relists by itself. `onSync` runs after each complete list. */
  watchPods(handlers: {
    onChange: (status: PodStatus) => void
    onGone: (sandboxId: string, machine: string) => void
    onSync: (all: PodStatus[]) => void
    onDown: (cause: Error) => void
  }): { stop: () => void }
  listNamespaces(): Promise<OwnedNamespace[]>
  /**
   * Deletes by name and uid, background propagation; a namespace that is gone already is success. Its pods get a second
   * to end, whatever grace they ask for.
   */
  deleteNamespace(namespace: Pick<OwnedNamespace, 'name'> & { uid?: string }): Promise<void>
  /** Takes every finalizer off the objects of a namespace that is being deleted. Resolves with how many had one. */
  releaseNamespace(namespace: Pick<OwnedNamespace, 'name'>): Promise<number>
}
