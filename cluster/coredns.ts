import { DNS_SERVICE_IP } from './network.ts'

const NAMESPACE = 'kube-system'
const LABELS = { 'k8s-app': 'kube-dns' }

// No cache: every answer comes from memory anyway, and a Service is to be found the moment it exists.
// Nothing is forwarded as no way leads outside: other names do not exist, said at once instead of after a time-out.
// No reverse zones: from an address one would learn the names of others' Services, which nothing else tells.
// Two blocks, since CoreDNS asks `template` before `kubernetes` wherever both stand in one.
const COREFILE = `cluster.local:53 {
  errors
  kubernetes cluster.local {
    pods insecure
    ttl 5
  }
  loadbalance
  prometheus :9153
  ready :8181
}
.:53 {
  errors
  health :8080 {
    lameduck 0s
  }
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`

/** CoreDNS as Kubernetes' own installers lay it out, so that labs find it under the names they know. */
export function corednsManifests(image: string) {
  const metadata = (name: string) => ({
    name,
    namespace: NAMESPACE,
    labels: { ...LABELS, 'kubernetes.io/name': 'CoreDNS' },
  })
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'coredns', namespace: NAMESPACE } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: NAMESPACE }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: NAMESPACE },
      data: { Corefile: COREFILE },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('kube-dns'),
      spec: {
        selector: LABELS,
        clusterIP: DNS_SERVICE_IP,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata('coredns'),
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: podSpec(image) },
      },
    },
  ]
}

function podSpec(image: string) {
  return {
    serviceAccountName: 'coredns',
    priorityClassName: 'system-cluster-critical',
    dnsPolicy: 'Default',
    terminationGracePeriodSeconds: 1,
    tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
    containers: [
      {
        name: 'coredns',
        image,
        imagePullPolicy: 'Never',
        // The image's own command may differ from builder to builder; the binary takes its arguments from here.
        args: ['-conf', '/etc/coredns/Corefile'],
        resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '170Mi' } },
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
          { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
        ],
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
        livenessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 10, failureThreshold: 5 },
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
  }
}
