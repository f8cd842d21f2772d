import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import type { namespacesOf } from '#lib/sandbox/names.ts'

/** Where requests are sent: the sandbox's namespaces, and one of somebody else's. */
export type Places = ReturnType<typeof namespacesOf> & { foreign: string }

/** One request that must be refused to a learner. */
export type Request = {
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
/** For CN=attack; nobody has its key. */
const CSR = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITU1ITUNBUUF3RVRFUE1BMEdBMVVFQXd3R1lYUjBZV05yTUZr',
  'd0V3WUhLb1pJemowQ0FRWUlLb1pJemowRApBUWNEUWdBRWUwREZONzR5cEdzdFZmejZWZytnZzc5clB4c0pYMXFKbjN3QWgvZUJK',
  'aEJ5MlBCeDRXcElVQUcwCjZrVjVzMTRUYTN6d0IwdGc0Y2gyRjZFSjlyTUlvNkFBTUFvR0NDcUdTTTQ5QkFNQ0Ewa0FNRVlDSVFD',
  'aHRxcncKYW1URmMyL3F5bHlVUWdlejRqdlVoY1RuTFhUbjJlaFloVElKOVFJaEFQZnZ2eTQvMUpacUdMdVB6UDhkUG1YRwp6UU1h',
  'VEN1U29XelJ0eWR2MmViNwotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K',
].join('')
const MERGE = { 'content-type': 'application/merge-patch+json' }
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
const pod = (name: string, says: RegExp, spec: Record<string, unknown>, container: Container = {}): Request => ({
  name,
  path: (namespace) => core(namespace, 'pods'),
  body: () => podWith(spec, container),
  says,
})
const capability = (name: string) =>
  pod(`a pod with ${name}`, POD_SECURITY, {}, { securityContext: { capabilities: { add: [name] } } })
const mounting = (volume: object, mount: object = {}) =>
  [{ volumes: [{ name: 'v', ...volume }] }, { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }] as const

const service = (name: string, says: RegExp, spec: object): Request => ({
  name,
  path: (namespace) => core(namespace, 'services'),
  body: () => ({ metadata: { name: 'attack' }, spec: { ports: [{ port: 80 }], ...spec } }),
  says,
})
const binding = (name: string, subject: (namespace: string, places: Places) => object): Request => ({
  name,
  path: (namespace) => rbac(namespace, 'rolebindings'),
  body: (namespace, places) => ({
    metadata: { name: 'attack' },
    roleRef: { apiGroup: group, kind: 'Role', name: 'learner' },
    subjects: [subject(namespace, places)],
  }),
  says: /ServiceAccounts of this namespace only/,
})
const role = (name: string, rule: object): Request => ({
  name,
  path: (namespace) => rbac(namespace, 'roles'),
  body: () => ({ metadata: { name: 'attack' }, rules: [rule] }),
  says: /attempting to grant RBAC permissions not currently held/,
})
const asks = (name: string, path: Request['path'], more: Partial<Request> = {}): Request => ({
  name,
  method: 'GET',
  path,
  says: FORBIDDEN,
  ...more,
})

/** Refused by Pod Security or by our admission policies: the same account with the same role may, where they are off. */
export const BY_ADMISSION: Request[] = [
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
  pod('a hostIPC pod', USERS, { hostIPC: true }),
  pod('a hostPort', POD_SECURITY, {}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
  pod('a hostPath pod', POD_SECURITY, ...mounting({ hostPath: { path: '/' } })),
  pod('seccomp off', POD_SECURITY, {}, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
  ...['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'BPF', 'ALL'].map(capability),
  pod('a volume that the node would mount', /Volumes here/, ...mounting({ nfs: { server: '192.0.2.1', path: '/' } })),
  pod(
    'a wider filter of system calls that lies on the node',
    /runtime’s default profile/,
    {},
    { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'engine.json' } } },
  ),
  pod('an unsafe sysctl', POD_SECURITY, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
  pod('a probe from the node', POD_SECURITY, {}, { livenessProbe: { tcpSocket: { host: '127.0.0.1', port: 10250 } } }),
  pod('AppArmor off', POD_SECURITY, {}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
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
export const BY_ROLE: Request[] = [
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
    headers: MERGE,
    body: () => ({ metadata: { labels: { 'drydock.dev/namespace': null } } }),
  }),
  asks('widen the quota', (namespace) => core(namespace, 'resourcequotas/bounds'), {
    method: 'PATCH',
    headers: MERGE,
    body: () => ({ spec: { hard: { pods: '1000' } } }),
  }),
  asks('widen the limits', (namespace) => core(namespace, 'limitranges/bounds'), {
    method: 'PATCH',
    headers: MERGE,
    body: () => ({ spec: { limits: [] } }),
  }),
  asks(
    'a network policy that allows all',
    (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
    {
      method: 'POST',
      body: () => ({ metadata: { name: 'attack' }, spec: { podSelector: {}, ingress: [{}], egress: [{}] } }),
    },
  ),
  asks('Endpoints that lead to the node', (namespace) => core(namespace, 'endpoints'), {
    method: 'POST',
    body: () => ({
      metadata: { name: 'attack' },
      subsets: [{ addresses: [{ ip: '10.231.0.2' }], ports: [{ port: 10250 }] }],
    }),
  }),
  asks(
    'an EndpointSlice that leads to the node',
    (namespace) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    {
      method: 'POST',
      body: () => ({
        metadata: { name: 'attack' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.231.0.2'] }],
        ports: [{ port: 10250 }],
      }),
    },
  ),
  asks('delete the own namespace', (namespace) => `/api/v1/namespaces/${namespace}`, { method: 'DELETE' }),
  asks('list namespaces', () => '/api/v1/namespaces'),
  asks('list nodes', () => '/api/v1/nodes'),
  asks('a node’s proxy', () => '/api/v1/nodes/node1/proxy/pods'),
  asks('a node’s settings', () => '/api/v1/nodes/node1/proxy/configz'),
  asks('a node’s logs', () => '/api/v1/nodes/node1/proxy/logs/'),
  asks('change the node', () => '/api/v1/nodes/node1', {
    method: 'PATCH',
    headers: MERGE,
    body: () => ({ metadata: { labels: { attack: 'yes' } } }),
  }),
  asks('every secret of the cluster', () => '/api/v1/secrets'),
  asks('every pod of the cluster', () => '/api/v1/pods'),
  asks('another’s pods', (_, { foreign }) => core(foreign, 'pods')),
  asks('another’s secrets', (_, { foreign }) => core(foreign, 'secrets')),
  asks('another’s config maps', (_, { foreign }) => core(foreign, 'configmaps')),
  asks('a shell in another’s pod, by GET', (_, { foreign }) => core(foreign, 'pods/web/exec?command=id')),
  asks('another’s ports', (_, { foreign }) => core(foreign, 'pods/web/portforward?ports=80')),
  asks('delete another’s pod', (_, { foreign }) => core(foreign, 'pods/web'), { method: 'DELETE' }),
  asks('another’s logs', (_, { foreign }) => core(foreign, 'pods/web/log')),
  asks('the pods of the own -sys', (_, { sys }) => core(sys, 'pods')),
  asks('a shell in the own -sys', (_, { sys }) => core(sys, 'pods/box/exec?command=id&container=examiner')),
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
  asks('a token of a controller’s account', () => core('kube-system', 'serviceaccounts/coredns/token'), {
    method: 'POST',
    body: () => ({ spec: {} }),
  }),
  asks('a pod with the system’s account', () => core('kube-system', 'pods'), {
    method: 'POST',
    body: () => podWith({ serviceAccountName: 'coredns' }),
  }),
  asks('evict the own machine', (_, { sys }) => core(sys, 'pods/box/eviction'), {
    method: 'POST',
    body: () => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'box' } }),
  }),
  asks('impersonate another’s account', (namespace) => core(namespace, 'pods'), {
    headers: { 'impersonate-user': 'system:serviceaccount:kube-system:coredns' },
  }),
  asks('impersonate an administrator', (namespace) => core(namespace, 'pods'), {
    headers: { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' },
  }),
  asks('signing requests', () => '/apis/certificates.k8s.io/v1/certificatesigningrequests'),
  asks('ask for a certificate', () => '/apis/certificates.k8s.io/v1/certificatesigningrequests', {
    method: 'POST',
    body: () => ({
      metadata: { name: 'attack' },
      spec: { request: CSR, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
    }),
  }),
  asks('a persistent volume of the node’s', () => '/api/v1/persistentvolumes', {
    method: 'POST',
    body: () => ({
      metadata: { name: 'attack' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } },
    }),
  }),
  asks('a webhook', () => '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
    method: 'POST',
    body: () => ({ metadata: { name: 'attack' } }),
  }),
  asks('a custom resource definition', () => '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'),
  asks(
    'delete an admission policy’s binding',
    () => '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/drydock-learner-pods',
    {
      method: 'DELETE',
    },
  ),
  asks('a priority class', () => '/apis/scheduling.k8s.io/v1/priorityclasses', {
    method: 'POST',
    body: () => ({ metadata: { name: 'attack' }, value: 1000000 }),
  }),
  asks('the leases of controllers', () => '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'),
  asks('the API server’s metrics', () => '/metrics', { says: /cannot get path/ }),
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

type Spec = { containers: Container[]; volumes: object[] } & Record<string, unknown>
const context = (container: Container) => container.securityContext as Container
/** Without the user namespace there is no unmasked /proc: Kubernetes itself would refuse that. */
const unmaskNone = (spec: Spec) => {
  for (const one of spec.containers) one.securityContext = { ...context(one), procMount: 'Default' }
}

/** Machine pods with one thing changed: refused to anybody. */
export const IN_SYS: { name: string; says: RegExp; change: (spec: Spec, container: Container) => void }[] = [
  {
    name: 'a capability beyond the profile',
    says: /beyond its profile/,
    change: (_, container) => {
      container.securityContext = { ...context(container), capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }
    },
  },
  {
    name: 'a privileged machine',
    says: /beyond its profile/,
    change: (_, container) => {
      container.securityContext = { privileged: true, capabilities: { drop: ['ALL'] } }
    },
  },
  {
    name: 'a container of another name',
    says: /known profile/,
    change: (_, container) => {
      container.name = 'other'
    },
  },
  {
    name: 'an image of elsewhere',
    says: /our images/,
    change: (_, container) => {
      container.image = 'mallory/base:1'
    },
  },
  {
    name: 'a path of the node',
    says: /our images/,
    change: (spec) => {
      spec.volumes.push({ name: 'host', hostPath: { path: '/' } })
    },
  },
  {
    name: 'a subPath',
    says: /without subPath/,
    change: (_, container) => {
      const [mount] = container.volumeMounts as object[]
      container.volumeMounts = [{ ...mount, subPath: 'x' }]
    },
  },
  {
    name: 'the node’s users',
    says: /user namespace/,
    change: (spec) => {
      spec.hostUsers = true
      unmaskNone(spec)
    },
  },
  {
    name: 'the node’s network',
    says: /user namespace/,
    change: (spec) => {
      Object.assign(spec, { hostNetwork: true, hostUsers: true })
      unmaskNone(spec)
    },
  },
  {
    name: 'the node’s processes',
    says: /user namespace/,
    change: (spec) => {
      Object.assign(spec, { hostPID: true, hostUsers: true, shareProcessNamespace: undefined })
      unmaskNone(spec)
    },
  },
  {
    name: 'no filter of system calls',
    says: /runtime’s default/,
    change: (_, container) => {
      container.securityContext = { ...context(container), seccompProfile: { type: 'Unconfined' } }
    },
  },
]
