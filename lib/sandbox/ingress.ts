import type { Lab } from '#lib/labs/schema.ts'
import type { ApiServerAddress, Manifest } from '#lib/sandbox/cluster-port.ts'
import { ACCOUNT_SOURCES, imageRef, resources } from '#lib/sandbox/machine-pod.ts'
import type { Size } from '#lib/sandbox/machine-profiles.ts'
import { ACCOUNT_DIR, INGRESS, MACHINE_LABEL, namespacesOf, PROFILE_LABEL } from '#lib/sandbox/names.ts'
import { ingressTraffic } from '#lib/sandbox/network-policies.ts'

export const INGRESS_SIZE: Size = { cpuMillis: [10, 500], memoryMiB: 96, diskMiB: [8, 16] }

/** Whether a lab has a door of its own in front of the learner's Services. */
export const usesIngress = ({ kubernetes }: Pick<Lab, 'kubernetes'>): boolean => kubernetes?.ingress === true

/** Every pod of the platform's own that a sandbox consists of, by name. */
export const podNames = (lab: Pick<Lab, 'kubernetes' | 'machines'>): string[] => [
  ...lab.machines.map(({ name }) => name),
  ...(usesIngress(lab) ? [INGRESS] : []),
]

/** Behind the Service's 80 and 443: an ordinary user may not listen below 1024. */
const HTTP_PORT = 8080
const HTTPS_PORT = 8443
const PING_PORT = 9000
/** `nobody` of images made from nothing. */
const UID = 65532

/**
 * Exactly what the controller asks for in one namespace. It has no right beyond it: of classes and nodes, which belong to
 * the whole cluster, it is told to know nothing.
 */
const RULES = [
  { apiGroups: [''], resources: ['services', 'secrets'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
]

const provider = (options: Record<string, string>) =>
  Object.entries(options).map(([name, value]) => `--providers.kubernetesingress.${name}=${value}`)

/** Traefik's static configuration: nothing is fetched, nobody is told, and no page of its own is served. */
const args = (namespace: string) => [
  '--global.checknewversion=false',
  '--global.sendanonymoususage=false',
  '--log.level=WARN',
  `--entrypoints.web.address=:${HTTP_PORT}`,
  `--entrypoints.websecure.address=:${HTTPS_PORT}`,
  // Every Ingress is there on both; which certificate is shown is for the learner's Secret to say.
  '--entrypoints.websecure.http.tls=true',
  `--entrypoints.ping.address=:${PING_PORT}`,
  '--ping.entrypoint=ping',
  // A learner looks at once; two seconds, the default, are long.
  '--providers.providersthrottleduration=200ms',
  '--providers.kubernetesingress=true',
  ...provider({
    namespaces: namespace,
    disableclusterscoperesources: 'true',
    // No Pod behind a Service is 503, told apart from no Ingress, which is 404.
    allowemptyservices: 'true',
    // What `kubectl get ingress` shows as the address: the name under which the workstation reaches it.
    'ingressendpoint.hostname': INGRESS,
  }),
]

type Options = {
  sandboxId: string
  /** The sandbox's labels. */
  labels: Record<string, string>
  images: Record<string, string>
  apiServer: ApiServerAddress[]
}

/**
 * One ingress controller for one learner: a shared one would lead from sandbox to sandbox. It stands in `-sys`, where the
 * learner has no access, and looks at the learner's namespace alone. To come after that namespace's own objects. Pure.
 * @throws AppError `cluster-unavailable` when its image is not built yet
 */
export function ingressManifests(options: Options): Manifest[] {
  const { sandboxId, labels, apiServer } = options
  const { sys, learner } = namespacesOf(sandboxId)
  const inside = (namespace: string) => ({ name: INGRESS, namespace, labels })
  const rbac = 'rbac.authorization.k8s.io'
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inside(sys), automountServiceAccountToken: false },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: inside(learner), rules: RULES },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: inside(learner),
      roleRef: { apiGroup: rbac, kind: 'Role', name: INGRESS },
      subjects: [{ kind: 'ServiceAccount', name: INGRESS, namespace: sys }],
    },
    ingressTraffic({ metadata: inside(sys), sandboxId, apiServer, ports: [HTTP_PORT, HTTPS_PORT] }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: inside(sys),
      spec: {
        selector: { [PROFILE_LABEL]: INGRESS },
        ports: [
          { name: 'http', port: 80, targetPort: HTTP_PORT },
          { name: 'https', port: 443, targetPort: HTTPS_PORT },
        ],
      },
    },
    pod(options, inside(sys), learner),
  ]
}

/** Meets Pod Security's `restricted`. The labels of a machine, so that the sandbox is ready when it is. */
const pod = ({ images }: Options, metadata: Manifest['metadata'], learnerNamespace: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...metadata, labels: { ...metadata.labels, [MACHINE_LABEL]: INGRESS, [PROFILE_LABEL]: INGRESS } },
  spec: {
    hostUsers: false,
    serviceAccountName: INGRESS,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 0,
    // It is told addresses, and looks no name up.
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['127.0.0.1'] },
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: INGRESS,
        image: imageRef(images, INGRESS),
        imagePullPolicy: 'IfNotPresent',
        args: args(learnerNamespace),
        // The other half is for the program's own pages.
        env: [{ name: 'GOMEMLIMIT', value: `${INGRESS_SIZE.memoryMiB / 2}MiB` }],
        securityContext: {
          runAsUser: UID,
          runAsGroup: UID,
          runAsNonRoot: true,
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
        resources: resources(INGRESS_SIZE),
        readinessProbe: { httpGet: { path: '/ping', port: PING_PORT }, periodSeconds: 1 },
        volumeMounts: [{ name: 'account', mountPath: ACCOUNT_DIR, readOnly: true }],
      },
    ],
    volumes: [{ name: 'account', projected: { sources: ACCOUNT_SOURCES } }],
  },
})
