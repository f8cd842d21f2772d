/** An object as the API server says it, without `managedFields`. */
export type KubernetesObject = Record<string, unknown> & {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
}

/** Which objects of a namespace: all of a resource, the one with a name, or those with labels. */
export type ObjectQuery = {
  namespace: string
  /** `pods`, or with its group: `deployments.apps`. */
  resource: string
  name?: string
  selector?: string
}

/**
 * `known`: this is what there is now. `unknown`: nothing was heard yet, or the watch is lost; what was known may be over.
 * `refused`: the cluster has no such resource, or does not let the platform see it.
 */
export type Observation =
  | { kind: 'known'; objects: KubernetesObject[] }
  | { kind: 'unknown' }
  | { kind: 'refused'; message: string }

/** The objects of a cluster, followed as they change. */
export interface ObjectsPort {
  /** Calls `onChange` at once and at every change, until the function it gives back is called. It must not throw. */
  subscribe(query: ObjectQuery, onChange: (observation: Observation) => void): () => void
}
