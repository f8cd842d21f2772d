import type { ApiServerAddress, Manifest } from '#lib/sandbox/cluster-port.ts'
import type { Opening } from '#lib/sandbox/lab-egress.ts'
import { LEARNER_RULES } from '#lib/sandbox/learner-role.ts'
import { LEARNER_ACCOUNT, NAMESPACE_LABEL, NAMESPACE_PARTS, namespacesOf } from '#lib/sandbox/names.ts'
import { learnerTraffic, outsideTraffic } from '#lib/sandbox/network-policies.ts'

/** Sums over the namespace, and how many there may be of each kind: 10,000 objects of any would hurt the neighbours. */
const QUOTA = {
  pods: '20',
  'requests.cpu': '2',
  'limits.cpu': '10',
  'requests.memory': '2Gi',
  'limits.memory': '2Gi',
  'limits.ephemeral-storage': '6Gi',
  services: '20',
  'services.loadbalancers': '0',
  'services.nodeports': '0',
  secrets: '30',
  configmaps: '30',
  persistentvolumeclaims: '5',
  'requests.storage': '2Gi',
  'count/serviceaccounts': '20',
  'count/deployments.apps': '20',
  'count/replicasets.apps': '100',
  'count/statefulsets.apps': '20',
  'count/daemonsets.apps': '20',
  'count/jobs.batch': '50',
  'count/cronjobs.batch': '20',
  'count/ingresses.networking.k8s.io': '20',
  'count/roles.rbac.authorization.k8s.io': '20',
  'count/rolebindings.rbac.authorization.k8s.io': '20',
}

const LIMITS = {
  type: 'Container',
  max: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '1Gi' },
  default: { cpu: '500m', memory: '96Mi', 'ephemeral-storage': '256Mi' },
  defaultRequest: { cpu: '20m', memory: '96Mi', 'ephemeral-storage': '16Mi' },
}

/**
 * The learner's own namespace: first the namespace, then its bounds, then what the account `learner` of `-sys` may do in
 * it. Pure. Admission (admission.ts) and Pod Security `baseline` bound what their pods may be.
 */
export function learnerNamespace(options: {
  sandboxId: string
  labels: Record<string, string>
  apiServer: ApiServerAddress[]
  /** What the lab opens outside, with addresses. */
  egress: Opening[]
  /** ServiceAccounts that the lab begins with. */
  accounts: string[]
}): Manifest[] {
  const { labels, egress, accounts } = options
  const { sys, learner: namespace } = namespacesOf(options.sandboxId)
  const inside = (name: string) => ({ name, namespace, labels })
  const rbac = 'rbac.authorization.k8s.io'
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: {
          ...labels,
          [NAMESPACE_LABEL]: NAMESPACE_PARTS.learner,
          'pod-security.kubernetes.io/enforce': 'baseline',
        },
      },
    },
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: inside('bounds'), spec: { hard: QUOTA } },
    { apiVersion: 'v1', kind: 'LimitRange', metadata: inside('bounds'), spec: { limits: [LIMITS] } },
    learnerTraffic({ ...options, inside }),
    ...(egress.length > 0 ? [outsideTraffic(inside, egress)] : []),
    // As those that learners make (admission-learner.ts): without a right, and no token unless a Pod asks for one.
    ...accounts.map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: inside(name),
      automountServiceAccountToken: false,
    })),
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: inside(LEARNER_ACCOUNT), rules: LEARNER_RULES },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: inside(LEARNER_ACCOUNT),
      roleRef: { apiGroup: rbac, kind: 'Role', name: LEARNER_ACCOUNT },
      subjects: [{ kind: 'ServiceAccount', name: LEARNER_ACCOUNT, namespace: sys }],
    },
  ]
}
