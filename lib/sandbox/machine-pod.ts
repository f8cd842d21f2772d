import { AppError } from '#lib/errors.ts'
import type { Lab } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { EXAMINER_CAPABILITIES, machineCapabilities, PROFILES, type Profile } from '#lib/sandbox/machine-profiles.ts'
import {
  AGENT_PATH,
  EXAMINER_CONTAINER,
  LEARNER_ACCOUNT,
  MACHINE_CONTAINER,
  MACHINE_LABEL,
  PROFILE_LABEL,
} from '#lib/sandbox/names.ts'

type Machine = Lab['machines'][number]

/** Memory is requested in full, so that a sandbox that starts can also be used; CPU is shared. */
const MACHINE_SIZE = { cpu: ['50m', '1'], memory: '256Mi', storage: ['64Mi', '1Gi'] } as const
const EXAMINER_SIZE = { cpu: ['20m', '500m'], memory: '96Mi', storage: ['16Mi', '64Mi'] } as const

const resources = (size: typeof MACHINE_SIZE | typeof EXAMINER_SIZE) => ({
  requests: { cpu: size.cpu[0], memory: size.memory, 'ephemeral-storage': size.storage[0] },
  limits: { cpu: size.cpu[1], memory: size.memory, 'ephemeral-storage': size.storage[1] },
})

/** Of the learner's; the pod's own bound is the node's `podPidsLimit`. */
const MAX_PROCESSES = 1000
/** Of `learner` in machine images. */
const LEARNER_UID = 1000

/** The agent's image is a volume; the binary lies at its root. */
const AGENT_MOUNT = AGENT_PATH.slice(0, AGENT_PATH.lastIndexOf('/'))
/** Where the PTY holder keeps its socket, out of the learner's mount namespace; the agent's default. */
const RUN_DIR = '/.drydock-run'
/** Where Kubernetes' own client libraries look for token, authority and namespace. */
const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount'
const NAMESPACE_ANNOTATION = 'drydock.dev/learner-namespace'
/** The kubelet renews the token at 80 % of its life; it dies with the pod (KEP-1205). */
const TOKEN_SECONDS = 3600

/** The ServiceAccount of machines that do not speak with the API server. It has no rights, and no token of it is made. */
export const MACHINE_ACCOUNT = 'machine'

const asRoot = (capabilities: string[], readOnlyRootFilesystem: boolean) => ({
  runAsUser: 0,
  privileged: false,
  // `no_new_privs` cannot go with SYS_ADMIN; inside a user namespace there is nothing above to escalate to.
  allowPrivilegeEscalation: true,
  readOnlyRootFilesystem,
  capabilities: { drop: ['ALL'], add: capabilities },
  // A masked /proc forbids every further proc mount, which a PID namespace of one's own needs (KEP-4265).
  procMount: 'Unmasked',
  seccompProfile: { type: 'RuntimeDefault' },
})

/**
 * Meets Pod Security's `restricted` by itself. Without a capability the holder cannot make namespaces, so that it runs as
 * the learner beside their shells, and they may kill it: what they break is their own terminal. The examiner is out of
 * reach all the same, as another user with capabilities of its own.
 */
const asLearner = {
  runAsUser: LEARNER_UID,
  runAsGroup: LEARNER_UID,
  runAsNonRoot: true,
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}

const imageRef = (images: Record<string, string>, name: string): string => {
  const ref = images[name]
  if (!ref) throw new AppError('cluster-unavailable', `no image is built for ${name}`)
  return ref
}

function machineContainer(profile: Profile, capabilities: string[], image: string) {
  const serve = [AGENT_PATH, 'serve', '--max-processes', `${MAX_PROCESSES}`]
  const account = { name: 'account', mountPath: ACCOUNT_DIR, readOnly: true }
  return {
    name: MACHINE_CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: profile.root ? serve : [...serve, '--user', 'learner', '--isolate', 'none'],
    securityContext: profile.root ? asRoot(capabilities, false) : asLearner,
    resources: resources(MACHINE_SIZE),
    volumeMounts: [AGENT_VOLUME_MOUNT, { name: 'run', mountPath: RUN_DIR }, ...(profile.kubernetes ? [account] : [])],
  }
}

const AGENT_VOLUME_MOUNT = { name: 'agent', mountPath: AGENT_MOUNT, readOnly: true }

/** A short-lived token, renewed by the kubelet, for the learner alone: the examiner does not mount it. */
const accountVolume = {
  name: 'account',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { fieldPath: `metadata.annotations['${NAMESPACE_ANNOTATION}']` } }],
        },
      },
    ],
  },
}

/**
 * How names resolve. No name server is reachable from most machines (default deny): there names fail at once instead of
 * after a long silence. From a workstation, a bare name is one of the learner's Services.
 */
const dns = (profile: Profile, learnerNamespace: string) =>
  profile.kubernetes
    ? { dnsPolicy: 'ClusterFirst', dnsConfig: { searches: [`${learnerNamespace}.svc.cluster.local`] } }
    : { dnsPolicy: 'None', dnsConfig: { nameservers: ['127.0.0.1'] } }

/**
 * The pod of one machine: the learner's container and the examiner.
 * @throws AppError `cluster-unavailable` when an image is not built yet
 */
export function machinePod(options: {
  machine: Machine
  images: Record<string, string>
  metadata: Manifest['metadata']
  learnerNamespace: string
}): Manifest {
  const { machine, images, metadata, learnerNamespace } = options
  const profile = PROFILES[machine.profile]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [MACHINE_LABEL]: machine.name, [PROFILE_LABEL]: machine.profile },
      ...(profile.kubernetes && { annotations: { [NAMESPACE_ANNOTATION]: learnerNamespace } }),
    },
    spec: {
      hostname: machine.name,
      hostUsers: false,
      shareProcessNamespace: true,
      serviceAccountName: profile.kubernetes ? LEARNER_ACCOUNT : MACHINE_ACCOUNT,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // The examiner comes back after a crash. A machine that restarts has lost its files: that is reported as lost.
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 0,
      ...dns(profile, learnerNamespace),
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        machineContainer(profile, machineCapabilities(machine.profile), imageRef(images, profile.image)),
        {
          name: EXAMINER_CONTAINER,
          image: imageRef(images, 'examiner'),
          imagePullPolicy: 'IfNotPresent',
          command: [AGENT_PATH, 'idle'],
          securityContext: asRoot(EXAMINER_CAPABILITIES, true),
          resources: resources(EXAMINER_SIZE),
          volumeMounts: [AGENT_VOLUME_MOUNT, { name: 'examiner-tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [
        { name: 'agent', image: { reference: imageRef(images, 'agent'), pullPolicy: 'IfNotPresent' } },
        { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
        { name: 'examiner-tmp', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
        ...(profile.kubernetes ? [accountVolume] : []),
      ],
    },
  }
}
