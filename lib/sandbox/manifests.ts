import { AppError } from '#lib/errors.ts'
import type { Lab } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import {
  AGENT_PATH,
  EXAMINER_CONTAINER,
  INSTANCE_LABEL,
  MACHINE_CONTAINER,
  MACHINE_LABEL,
  namespacesOf,
  SANDBOX_LABEL,
} from '#lib/sandbox/names.ts'

type Machine = Lab['machines'][number]

/** What a learner's root expects to have; of these only the first three reach beyond a default container. */
const ROOT_CAPABILITIES = [
  ...['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW'],
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]
/** The one capability more is what keeps learners' root out of the examiner's processes, and lets it look into theirs. */
const EXAMINER_CAPABILITIES = [...ROOT_CAPABILITIES, 'SYS_PTRACE']

/** Memory is requested in full, so that a sandbox that starts can also be used; CPU is shared. */
const MACHINE_SIZE = { cpu: ['50m', '1'], memory: '256Mi', storage: ['64Mi', '1Gi'] } as const
const EXAMINER_SIZE = { cpu: ['20m', '500m'], memory: '96Mi', storage: ['16Mi', '64Mi'] } as const

const resources = (size: typeof MACHINE_SIZE | typeof EXAMINER_SIZE) => ({
  requests: { cpu: size.cpu[0], memory: size.memory, 'ephemeral-storage': size.storage[0] },
  limits: { cpu: size.cpu[1], memory: size.memory, 'ephemeral-storage': size.storage[1] },
})

/** Of the learner's; the pod's own bound is the node's `podPidsLimit`. */
const MAX_PROCESSES = 1000

/** The agent's image is a volume; the binary lies at its root. */
const AGENT_MOUNT = AGENT_PATH.slice(0, AGENT_PATH.lastIndexOf('/'))
/** Where the PTY holder keeps its socket, out of the learner's mount namespace; the agent's default. */
const RUN_DIR = '/.drydock-run'

const securityContext = (capabilities: string[], readOnlyRootFilesystem: boolean) => ({
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

export type ManifestOptions = { sandboxId: string; instance: string; lab: Lab; images: Record<string, string> }

const imageRef = (images: Record<string, string>, name: string): string => {
  const ref = images[name]
  if (!ref) throw new AppError('cluster-unavailable', `no image is built for ${name}`)
  return ref
}

function machinePod(machine: Machine, options: ManifestOptions, meta: Manifest['metadata']): Manifest {
  const agent = { name: 'agent', mountPath: AGENT_MOUNT, readOnly: true }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta, labels: { ...meta.labels, [MACHINE_LABEL]: machine.name } },
    spec: {
      hostname: machine.name,
      hostUsers: false,
      shareProcessNamespace: true,
      serviceAccountName: SERVICE_ACCOUNT,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // The examiner comes back after a crash. A machine that restarts has lost its files: that is reported as lost.
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 0,
      // No name server is reachable (default deny), so that names fail at once instead of after a long silence.
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['127.0.0.1'] },
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: MACHINE_CONTAINER,
          image: imageRef(options.images, machine.profile),
          imagePullPolicy: 'IfNotPresent',
          command: [AGENT_PATH, 'serve', '--max-processes', `${MAX_PROCESSES}`],
          securityContext: securityContext(ROOT_CAPABILITIES, false),
          resources: resources(MACHINE_SIZE),
          volumeMounts: [agent, { name: 'run', mountPath: RUN_DIR }],
        },
        {
          name: EXAMINER_CONTAINER,
          image: imageRef(options.images, 'examiner'),
          imagePullPolicy: 'IfNotPresent',
          command: [AGENT_PATH, 'idle'],
          securityContext: securityContext(EXAMINER_CAPABILITIES, true),
          resources: resources(EXAMINER_SIZE),
          volumeMounts: [agent, { name: 'examiner-tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [
        { name: 'agent', image: { reference: imageRef(options.images, 'agent'), pullPolicy: 'IfNotPresent' } },
        { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
        { name: 'examiner-tmp', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      ],
    },
  }
}

const SERVICE_ACCOUNT = 'machine'

const quota = (machines: number) => ({
  pods: `${machines}`,
  'requests.cpu': `${machines * 100}m`,
  'limits.cpu': `${machines * 2}`,
  'requests.memory': `${machines * 384}Mi`,
  'limits.memory': `${machines * 384}Mi`,
  'limits.ephemeral-storage': `${machines * 2}Gi`,
  services: '0',
  'services.loadbalancers': '0',
  'services.nodeports': '0',
  secrets: '0',
  // Kubernetes itself puts one there: kube-root-ca.crt.
  configmaps: '1',
  persistentvolumeclaims: '0',
})

/**
 * Everything a sandbox of machine labs is made of: its `-sys` namespace first, then what bounds it, then one pod per
 * machine. Pure; the same options give the same objects.
 * @throws AppError `cluster-unavailable` when an image is not built yet
 */
export function sandboxManifests(options: ManifestOptions): Manifest[] {
  const namespace = namespacesOf(options.sandboxId).sys
  const labels = { [SANDBOX_LABEL]: options.sandboxId, [INSTANCE_LABEL]: options.instance }
  const inside = (name: string) => ({ name, namespace, labels })
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        // SYS_ADMIN and NET_RAW pass no narrower level; the learner has no API access to this namespace.
        labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'privileged' },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: inside(SERVICE_ACCOUNT),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: inside('bounds'),
      spec: { hard: quota(options.lab.machines.length) },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: inside('bounds'),
      spec: {
        limits: [
          {
            type: 'Container',
            max: { cpu: '1', memory: '256Mi', 'ephemeral-storage': '1Gi' },
            default: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
            defaultRequest: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: inside('deny-all'),
      // No rule at all: nothing in, nothing out, for IPv4 and IPv6 alike.
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
    ...options.lab.machines.map((machine) => machinePod(machine, options, inside(machine.name))),
  ]
}
