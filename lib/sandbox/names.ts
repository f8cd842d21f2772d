import { createHash } from 'node:crypto'

/** Label that every object of ours carries; its value is the sandbox's id. */
export const SANDBOX_LABEL = 'drydock.dev/sandbox'
/** Label of a machine pod; its value is the machine's name in the lab. */
export const MACHINE_LABEL = 'drydock.dev/machine'
/** Label that tells one platform's namespaces from another's on a shared cluster. */
export const INSTANCE_LABEL = 'drydock.dev/instance'

/** Label of a machine pod; its value is the machine's profile. */
export const PROFILE_LABEL = 'drydock.dev/profile'
/** Label of a sandbox's namespaces: which of the two it is. Admission policies match by it. */
export const NAMESPACE_LABEL = 'drydock.dev/namespace'
export const NAMESPACE_PARTS = { sys: 'machines', learner: 'learner' } as const
/** The ServiceAccount in `-sys` as which a workstation's learner reaches their own namespace. */
export const LEARNER_ACCOUNT = 'learner'

/** A door for the learner's Ingresses: its pod, Service, account, image and label value, all by this name. */
export const INGRESS = 'ingress'

/** Under this name and port the engine image knows the registry (images/engine): machines have no name server. */
export const REGISTRY_HOST = 'registry.drydock.local'
export const REGISTRY_PORT = 5000

/** Containers of a machine pod. */
export const MACHINE_CONTAINER = 'machine'
export const EXAMINER_CONTAINER = 'examiner'
/** Where the agent's image volume is mounted in both. */
export const AGENT_PATH = '/.drydock/agent'

/** Where Kubernetes' own client libraries look for token, authority and namespace. */
export const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The namespaces of a sandbox: `dd-<hash>-sys` holds its machines, `dd-<hash>` is the learner's own.
 * Total for any id, at most 27 characters, and never a person's name: the hash is 20 hex digits of SHA-256.
 */
export function namespacesOf(sandboxId: string): { sys: string; learner: string } {
  const hash = createHash('sha256').update(sandboxId).digest('hex').slice(0, 20)
  return { sys: `dd-${hash}-sys`, learner: `dd-${hash}` }
}

/** Whether a namespace can be a learner's own, of any sandbox of any platform. */
export const isLearnerNamespace = (name: string): boolean => /^dd-[0-9a-f]{20}$/.test(name)
