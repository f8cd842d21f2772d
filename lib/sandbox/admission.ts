import { LEARNER_MUTATIONS, LEARNER_POLICIES } from '#lib/sandbox/admission-learner.ts'
import { MACHINE_POLICY } from '#lib/sandbox/admission-machines.ts'
import type { Mutation, Policy } from '#lib/sandbox/admission-policy.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { INSTANCE_LABEL, NAMESPACE_LABEL, SANDBOX_LABEL } from '#lib/sandbox/names.ts'

const API = 'admissionregistration.k8s.io'

const constraints = ({ part, matches }: Pick<Policy, 'part' | 'matches'>) => ({
  namespaceSelector: {
    matchLabels: { [NAMESPACE_LABEL]: part },
    matchExpressions: [SANDBOX_LABEL, INSTANCE_LABEL].map((key) => ({ key, operator: 'Exists' })),
  },
  resourceRules: matches.map(({ apiGroup, resources, operations }) => ({
    apiGroups: [apiGroup],
    apiVersions: ['*'],
    resources,
    operations,
    scope: 'Namespaced',
  })),
  matchPolicy: 'Equivalent',
})

const object = (kind: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: `${API}/v1`,
  kind,
  metadata: { name: `drydock-${name}` },
  spec,
})

const validating = (policy: Policy): Manifest[] => [
  object('ValidatingAdmissionPolicy', policy.name, {
    failurePolicy: 'Fail',
    matchConstraints: constraints(policy),
    ...(policy.variables && { variables: policy.variables }),
    validations: policy.validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
  }),
  object('ValidatingAdmissionPolicyBinding', policy.name, {
    policyName: `drydock-${policy.name}`,
    validationActions: ['Deny'],
  }),
]

const mutating = (mutation: Mutation): Manifest[] => [
  object('MutatingAdmissionPolicy', mutation.name, {
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
    matchConstraints: constraints(mutation),
    mutations: mutation.apply.map((expression) => ({
      patchType: 'ApplyConfiguration',
      applyConfiguration: { expression },
    })),
  }),
  object('MutatingAdmissionPolicyBinding', mutation.name, { policyName: `drydock-${mutation.name}` }),
]

/**
 * The cluster-wide admission policies, fail-closed, for namespaces that carry our labels and for no others. Pure; to be
 * applied by the reconciler where it may, or with a chart (needs Kubernetes 1.36 for the mutating ones).
 * @param images references of our images: machine pods may use these repositories
 * @param labRegistries where else labs' images may come from: nowhere, unless an operator says so
 */
export function admissionManifests(images: Record<string, string>, labRegistries: readonly string[] = []): Manifest[] {
  return [
    ...[MACHINE_POLICY(images, labRegistries), ...LEARNER_POLICIES].flatMap(validating),
    ...LEARNER_MUTATIONS.flatMap(mutating),
  ]
}
