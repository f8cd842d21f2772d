import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import type { namespacesOf } from '#lib/sandbox/names.ts'

/** Where an attack is tried: the sandbox's namespaces, and one of somebody else's. */
export type Places = ReturnType<typeof namespacesOf> & { foreign: string }

/** One request that must be refused to a learner. */
export type Attack = {
  name: string
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: (namespace: string, places: Places) => string
  body?: (namespace: string, places: Places) => object
  headers?: Record<string, string>
  /** What the refusal says: tells which defence it was. */
  says: RegExp
}

const core = (namespace: string, rest: string) => `/api/v1/namespaces/${namespace}/${rest}`
const rbac = (namespace: string, rest: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${rest}`
const group = 'rbac.authorization.k8s.io'
const FORBIDDEN = /cannot [a-z:-]+ resource/
const POD_SECURITY = /violates PodSecurity .*baseline/
/** Kubernetes' own validation, as the mutating policy has set hostUsers by then. */
const USERS = /Forbidden: when .hostUsers. is false/

type Container = Record<string, unknown>

/** A pod that would be fine, but for what is changed. */
export const podWith = (spec: Record<string, unknown>, container: Container = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'attack' },
  spec: { containers: [{ name: 'c', image: 'busybox', command: ['sleep', '60'], ...container }], ...spec },
})
const pod = (name: string, says: RegExp, spec: Record<string, unknown>, container: Container = {}): Attack => ({
  name,
  path: (namespace) => core(namespace, 'pods'),
  body: () => podWith(spec, container),
  says,
})
const capability = (name: string) =>
  pod(`a pod with ${name}`, POD_SECURITY, {}, { securityContext: { capabilities: { add: [name] } } })
const mounting = (volume: object, mount: object = {}) =>
  [{ volumes: [{ name: 'v', ...volume }] }, { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }] as const

const service = (name: string, says: RegExp, spec: object): Attack => ({
  name,
  path: (namespace) => core(namespace, 'services'),
  body: () => ({ metadata: { name: 'attack' }, spec: { ports: [{ port: 80 }], ...spec } }),
  says,
})
const binding = (name: string, subject: (namespace: string, places: Places) => object): Attack => ({
  name,
  path: (namespace) => rbac(namespace, 'rolebindings'),
  body: (namespace, places) => ({
    metadata: { name: 'attack' },
    roleRef: { apiGroup: group, kind: 'Role', name: 'learner' },
    subjects: [subject(namespace, places)],
  }),
  says: /ServiceAccounts of this namespace only/,
})
const role = (name: string, rule: object): Attack => ({
  name,
  path: (namespace) => rbac(namespace, 'roles'),
  body: () => ({ metadata: { name: 'attack' }, rules: [rule] }),
  says: /attempting to grant RBAC permissions not currently held/,
})
const asks = (name: string, path: Attack['path'], more: Partial<Attack> = {}): Attack => ({
  name,
  method: 'GET',
  path,
  says: FORBIDDEN,
  ...more,
})

/** Refused by Pod Security or by our admission policies: the same account with the same role may, where they are off. */
export const BY_ADMISSION: Attack[] = [
  binding('a RoleBinding to system:unauthenticated', () => ({
    apiGroup: group,
    kind: 'Group',
    name: 'system:unauthenticated',
  })),
  binding('a RoleBinding to a user', () => ({ apiGroup: group, kind: 'User', name: 'mallory' })),
  binding('a RoleBinding to another namespace’s account', (_, { foreign }) => ({
    kind: 'ServiceAccount',
    name: 'default',
    namespace: foreign,
  })),
  service('a Service with externalIPs', /external addresses/, { externalIPs: ['192.0.2.1'] }),
  service('a Service of type NodePort', /neither NodePort/, { type: 'NodePort' }),
  service('a Service of type LoadBalancer', /neither NodePort/, { type: 'LoadBalancer' }),
  pod('a privileged pod', POD_SECURITY, {}, { securityContext: { privileged: true } }),
  pod('a hostNetwork pod', USERS, { hostNetwork: true }),
  pod('a hostPID pod', USERS, { hostPID: true }),
  pod('a hostPort', POD_SECURITY, {}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
  pod('a hostPath pod', POD_SECURITY, ...mounting({ hostPath: { path: '/' } })),
  pod('seccomp off', POD_SECURITY, {}, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
  ...['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'BPF', 'ALL'].map(capability),
  pod('a volume that the node would mount', /Volumes here/, ...mounting({ nfs: { server: '192.0.2.1', path: '/' } })),
  pod('a subPath', /subPath/, ...mounting({ emptyDir: {} }, { subPath: 'x' })),
  pod('an image of elsewhere', /no such image/, {}, { image: 'registry.example/nginx' }),
  pod('an image that only looks like ours', /no such image/, {}, { image: 'mallory/drydock.local/root:1' }),
  pod('an init container’s image', /no such image/, { initContainers: [{ name: 'i', image: 'mallory/busybox' }] }),
  pod('a node of one’s choice', /leave nodeName out/, { nodeName: 'node1' }),
  pod('a priority above others', /leave priorityClassName out/, { priorityClassName: 'system-node-critical' }),
  {
    name: 'an ephemeral container with more rights',
    method: 'PATCH',
    path: (namespace) => core(namespace, 'pods/web/ephemeralcontainers'),
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: () => ({
      spec: {
        ephemeralContainers: [
          { name: 'd', image: 'busybox', securityContext: { capabilities: { add: ['SYS_PTRACE'] } } },
        ],
      },
    }),
    says: POD_SECURITY,
  },
]

/** Refused by RBAC: an account with a broader role may. */
export const BY_ROLE: Attack[] = [
  role('a Role with every verb', { apiGroups: [''], resources: ['pods'], verbs: ['*'] }),
  role('a Role with every resource', { apiGroups: [''], resources: ['*'], verbs: ['get'] }),
  role('a Role that may escalate', { apiGroups: [group], resources: ['roles'], verbs: ['escalate'] }),
  role('a Role that may bind', { apiGroups: [group], resources: ['roles'], verbs: ['bind'] }),
  role('a Role that edits quotas', { apiGroups: [''], resources: ['resourcequotas'], verbs: ['update'] }),
  asks('delete the quota', (namespace) => core(namespace, 'resourcequotas/bounds'), { method: 'DELETE' }),
  asks('delete the limits', (namespace) => core(namespace, 'limitranges/bounds'), { method: 'DELETE' }),
  asks(
    'delete the network policy',
    (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/sandbox`,
    { method: 'DELETE' },
  ),
  asks('unlabel the own namespace', (namespace) => `/api/v1/namespaces/${namespace}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: () => ({ metadata: { labels: { 'drydock.dev/namespace': null } } }),
  }),
  asks('delete the own namespace', (namespace) => `/api/v1/namespaces/${namespace}`, { method: 'DELETE' }),
  asks('list namespaces', () => '/api/v1/namespaces'),
  asks('list nodes', () => '/api/v1/nodes'),
  asks('a node’s proxy', () => '/api/v1/nodes/node1/proxy/pods'),
  asks('every pod of the cluster', () => '/api/v1/pods'),
  asks('another’s pods', (_, { foreign }) => core(foreign, 'pods')),
  asks('another’s secrets', (_, { foreign }) => core(foreign, 'secrets')),
  asks('another’s logs', (_, { foreign }) => core(foreign, 'pods/web/log')),
  asks('the pods of the own -sys', (_, { sys }) => core(sys, 'pods')),
  asks('a shell in the own -sys', (_, { sys }) => core(sys, 'pods/workstation/exec?command=id&container=examiner')),
  asks('an object in the own -sys', (_, { sys }) => core(sys, 'serviceaccounts'), {
    method: 'POST',
    body: () => ({ metadata: { name: 'attack' } }),
  }),
  asks('a token of another’s account', (_, { foreign }) => core(foreign, 'serviceaccounts/default/token'), {
    method: 'POST',
    body: () => ({ spec: {} }),
  }),
  asks('a token of the platform’s account', (_, { sys }) => core(sys, 'serviceaccounts/learner/token'), {
    method: 'POST',
    body: () => ({ spec: {} }),
  }),
  asks('impersonate an administrator', (namespace) => core(namespace, 'pods'), {
    headers: { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' },
  }),
  asks('signing requests', () => '/apis/certificates.k8s.io/v1/certificatesigningrequests'),
  asks('a ClusterRoleBinding', () => `/apis/${group}/v1/clusterrolebindings`, {
    method: 'POST',
    body: (namespace) => ({
      metadata: { name: `attack-${namespace}` },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    }),
  }),
  asks('the admission policies', () => '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'),
]
