import { AppError } from '#lib/errors.ts'
import type { Lab } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import type { Opening } from '#lib/sandbox/lab-egress.ts'
import {
  EXAMINER_CAPABILITIES,
  EXAMINER_SIZE,
  machineCapabilities,
  PROFILES,
  type Profile,
  type Size,
  sizeOf,
} from '#lib/sandbox/machine-profiles.ts'
import {
  ACCOUNT_DIR,
  AGENT_PATH,
  EXAMINER_CONTAINER,
  LEARNER_ACCOUNT,
  MACHINE_CONTAINER,
  MACHINE_LABEL,
  PROFILE_LABEL,
  REGISTRY_HOST,
} from '#lib/sandbox/names.ts'

type Machine = Lab['machines'][number]

const amounts = (cpuMillis: number, memoryMiB: number, diskMiB: number) => ({
  cpu: `${cpuMillis}m`,
  memory: `${memoryMiB}Mi`,
  'ephemeral-storage': `${diskMiB}Mi`,
})

/** Memory is requested in full, so that a sandbox that starts can also be used; CPU is shared. */
export const resources = ({ cpuMillis, memoryMiB, diskMiB }: Size, devices: string[] = []) => ({
  requests: amounts(cpuMillis[0], memoryMiB, diskMiB[0]),
  limits: {
    ...amounts(cpuMillis[1], memoryMiB, diskMiB[1]),
    ...Object.fromEntries(devices.map((name) => [`drydock.dev/${name}`, '1'])),
  },
})

/**
 * Of the learner's, threads included. Well below the pod's own bound, the node's `podPidsLimit`, 512 on the embedded
 * cluster: whoever has used theirs up reads that no process can be started, and the examiner still can.
 */
const MAX_PROCESSES = 400
/** Of `learner` in machine images. */
const LEARNER_UID = 1000

/** The agent's image is a volume; the binary lies at its root. */
const AGENT_MOUNT = AGENT_PATH.slice(0, AGENT_PATH.lastIndexOf('/'))
/** Where the PTY holder keeps its socket, out of the learner's mount namespace; the agent's default. */
const RUN_DIR = '/.drydock-run'
const NAMESPACE_ANNOTATION = 'drydock.dev/learner-namespace'
/** The kubelet renews the token at 80 % of its life; it dies with the pod (KEP-1205). */
const TOKEN_SECONDS = 3600

/** The ServiceAccount of machines that do not speak with the API server. It has no rights, and no token of it is made. */
const MACHINE_ACCOUNT = 'machine'

/** Whose rights a machine has. */
export const accountOf = ({ profile }: Pick<Machine, 'profile'>): string =>
  PROFILES[profile].kubernetes ? LEARNER_ACCOUNT : MACHINE_ACCOUNT

const RUNTIME_DEFAULT = { type: 'RuntimeDefault' }
const asRoot = (capabilities: string[], readOnlyRootFilesystem: boolean, seccompProfile: object = RUNTIME_DEFAULT) => ({
  runAsUser: 0,
  privileged: false,
  // `no_new_privs` cannot go with SYS_ADMIN; inside a user namespace there is nothing above to escalate to.
  allowPrivilegeEscalation: true,
  readOnlyRootFilesystem,
  capabilities: { drop: ['ALL'], add: capabilities },
  // A masked /proc forbids every further proc mount, which a PID namespace of one's own needs (KEP-4265).
  procMount: 'Unmasked',
  seccompProfile,
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
  seccompProfile: RUNTIME_DEFAULT,
}

export const imageRef = (images: Record<string, string>, name: string): string => {
  const ref = images[name]
  if (!ref) {
    throw new AppError('cluster-unavailable', `no image is built for ${name}`, {
      userMessage: 'The image of this machine is not built yet. It starts by itself once it is.',
    })
  }
  return ref
}

/** The first process: as root it makes the learner's namespaces, else it is the learner, whom no image needs to know. */
const serve = ({ root, engine }: Profile, user: Machine['user']) => [
  ...[AGENT_PATH, 'serve', '--max-processes', `${MAX_PROCESSES}`],
  ...(root && user !== 'learner' ? [] : ['--user', `${LEARNER_UID}`]),
  ...(root ? [] : ['--isolate', 'none']),
  ...(engine?.services ?? []).flatMap((service) => ['--service', service]),
]

const security = ({ root, engine }: Profile, capabilities: string[]) =>
  root
    ? asRoot(capabilities, false, engine && { type: 'Localhost', localhostProfile: engine.seccompProfile })
    : asLearner

function machineContainer(machine: Machine, image: string, offered: readonly string[]) {
  const profile = PROFILES[machine.profile]
  const devices = (profile.engine?.devices ?? []).filter((name) => offered.includes(name))
  return {
    name: MACHINE_CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: serve(profile, machine.user),
    securityContext: security(profile, machineCapabilities(machine.profile)),
    resources: resources(sizeOf(machine), devices),
    volumeMounts: [
      AGENT_VOLUME_MOUNT,
      { name: 'run', mountPath: RUN_DIR },
      ...dataVolumes(machine).map(({ name, mountPath }) => ({ name, mountPath })),
      ...(profile.kubernetes ? [{ name: 'account', mountPath: ACCOUNT_DIR, readOnly: true }] : []),
    ],
  }
}

const dataVolumes = (machine: Machine) =>
  (PROFILES[machine.profile].engine?.dataFolders ?? []).map((mountPath, index) => ({
    name: `data-${index}`,
    mountPath,
    emptyDir: { sizeLimit: `${sizeOf(machine).diskMiB[1]}Mi` },
  }))

const AGENT_VOLUME_MOUNT = { name: 'agent', mountPath: AGENT_MOUNT, readOnly: true }

/** A short-lived token of the pod's account, renewed by the kubelet, and whose certificate to expect. */
export const ACCOUNT_SOURCES = [
  { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
]

/** For the learner alone: the examiner does not mount it. */
const accountVolume = {
  name: 'account',
  projected: {
    sources: [
      ...ACCOUNT_SOURCES,
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

/** Names that lead somewhere without a name server: of the registry, and of what the lab opens outside. */
function hostAliases(egress: Opening[], registry: string | undefined) {
  const named = egress.filter(({ host, addresses }) => !addresses.includes(host))
  const pairs = [
    ...(registry ? [{ ip: registry, host: REGISTRY_HOST }] : []),
    ...named.flatMap(({ host, addresses }) => addresses.map((ip) => ({ ip, host }))),
  ]
  // Kubernetes knows them by their address: one entry for each.
  const aliases = [...Map.groupBy(pairs, ({ ip }) => ip)].map(([ip, some]) => ({
    ip,
    hostnames: some.map(({ host }) => host),
  }))
  return aliases.length > 0 ? { hostAliases: aliases } : {}
}

/**
 * The pod of one machine: the learner's container and the examiner.
 * @throws AppError `cluster-unavailable` when an image is not built yet
 */
export function machinePod(options: {
  machine: Machine
  images: Record<string, string>
  metadata: Manifest['metadata']
  learnerNamespace: string
  /** Address of the registry that engines pull from; undefined where there is none. */
  registry?: string | undefined
  /** Which devices nodes offer. */
  devices?: readonly string[]
  /** What the lab opens outside, with addresses. */
  egress?: Opening[]
}): Manifest {
  const { machine, images, metadata, learnerNamespace, registry, devices = [], egress = [] } = options
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
      serviceAccountName: accountOf(machine),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // The examiner comes back after a crash. A machine that restarts has lost its files: that is reported as lost.
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 0,
      ...dns(profile, learnerNamespace),
      ...hostAliases(egress, profile.engine && registry),
      securityContext: { seccompProfile: RUNTIME_DEFAULT },
      containers: [
        machineContainer(machine, machine.image ?? imageRef(images, profile.image), devices),
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
        ...dataVolumes(machine).map(({ name, emptyDir }) => ({ name, emptyDir })),
        ...(profile.kubernetes ? [accountVolume] : []),
      ],
    },
  }
}
