/**
 * What a learner may do, in their own namespace only. Every verb is enumerated: `*` would include `escalate` and `bind`
 * (kubernetes.io/docs/reference/access-authn-authz/rbac, "Restrictions on role creation or update").
 */
const READ = ['get', 'list', 'watch']
const ALL = [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection']
/** WebSocket clients connect by GET. */
const CONNECT = ['get', 'create']

const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({ apiGroups: [apiGroup], resources, verbs })

export const LEARNER_RULES = [
  rule('', ['pods', 'services', 'configmaps', 'secrets', 'persistentvolumeclaims', 'serviceaccounts'], ALL),
  rule('', ['pods/exec', 'pods/attach', 'pods/portforward'], CONNECT),
  rule('', ['pods/ephemeralcontainers'], ['get', 'update', 'patch']),
  rule('', ['pods/log', 'pods/status'], ['get']),
  rule('', ['serviceaccounts/token'], ['create']),
  // Replication controllers are here for `kubectl get all`, which asks for them.
  rule('', ['endpoints', 'events', 'resourcequotas', 'limitranges', 'replicationcontrollers'], READ),
  // This namespace alone, as the role holds in it only.
  rule('', ['namespaces'], ['get']),
  rule('apps', ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], ALL),
  rule('apps', ['deployments/scale', 'replicasets/scale', 'statefulsets/scale'], ['get', 'update', 'patch']),
  rule('apps', ['controllerrevisions'], READ),
  rule('batch', ['jobs', 'cronjobs'], ALL),
  rule('networking.k8s.io', ['ingresses'], ALL),
  rule('rbac.authorization.k8s.io', ['roles', 'rolebindings'], ALL),
  rule('discovery.k8s.io', ['endpointslices'], READ),
  rule('events.k8s.io', ['events'], READ),
  rule('autoscaling', ['horizontalpodautoscalers'], READ),
  rule('metrics.k8s.io', ['pods'], ['get', 'list']),
]
