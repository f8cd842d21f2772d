import type { Mutation, Policy } from '#lib/sandbox/admission-policy.ts'
import { INGRESS, LEARNER_ACCOUNT } from '#lib/sandbox/names.ts'

const part = 'learner'
const pods = {
  apiGroup: '',
  resources: ['pods', 'pods/ephemeralcontainers'],
  operations: ['CREATE' as const, 'UPDATE' as const],
}

/** What people type, normalised or not (github.com/distribution/reference), with any tag: a wrong one is for the kubelet to tell. */
const IMAGES = String.raw`^(drydock\\.local/.+|((index\\.)?docker\\.io/)?(library/)?(debian|nginx|busybox|python|node)([:@].+)?)$`
const VOLUMES = ['configMap', 'secret', 'emptyDir', 'projected', 'downwardAPI', 'persistentVolumeClaim']

/**
 * What bounds learners' pods beside Pod Security `baseline`, which refuses privileged, the node's namespaces, paths and
 * ports, and every capability beyond the default ones, ephemeral containers included.
 */
export const LEARNER_POLICIES: Policy[] = [
  {
    name: 'learner-pods',
    part,
    matches: [pods],
    variables: [
      {
        name: 'containers',
        expression: 'object.spec.containers + object.spec.?initContainers.orValue([])',
      },
      { name: 'debuggers', expression: 'object.spec.?ephemeralContainers.orValue([])' },
    ],
    validations: [
      {
        expression: 'object.spec.?hostUsers.orValue(true) == false',
        message: 'Pods run in a user namespace here: hostUsers must be false.',
      },
      {
        expression: `variables.containers.all(c, c.image.matches('${IMAGES}'))
          && variables.debuggers.all(c, c.image.matches('${IMAGES}'))`,
        message: 'There is no such image here. Labs have debian, nginx, busybox, python and node.',
      },
      {
        // `baseline` takes any profile that lies on the node, and the engine's there is wider than the runtime's.
        expression: `(variables.containers.map(c, c.?securityContext.?seccompProfile.?type)
          + variables.debuggers.map(c, c.?securityContext.?seccompProfile.?type))
          .all(type, type.orValue('RuntimeDefault') == 'RuntimeDefault')`,
        message: 'System calls are filtered by the runtime’s default profile here: leave seccompProfile out.',
      },
      {
        // CVE-2021-25741 and its kind: the kubelet follows the path on the node.
        expression: `variables.containers.all(c, c.?volumeMounts.orValue([]).all(m, !has(m.subPath) && !has(m.subPathExpr)))
          && variables.debuggers.all(c, c.?volumeMounts.orValue([]).all(m, !has(m.subPath) && !has(m.subPathExpr)))`,
        message: 'subPath mounts are not allowed here.',
      },
      {
        // The kubelet would mount the others (nfs, iscsi, csi …) from the node, with the node's network.
        expression: `object.spec.?volumes.orValue([]).all(v, ${VOLUMES.map((kind) => `has(v.${kind})`).join(' || ')})`,
        message: `Volumes here are of the kinds ${VOLUMES.join(', ')}.`,
      },
      {
        expression: "object.spec.?priority.orValue(0) <= 0 && object.spec.?priorityClassName.orValue('') == ''",
        message: 'No pod goes before others here: leave priorityClassName out.',
      },
      {
        expression: "request.operation != 'CREATE' || object.spec.?nodeName.orValue('') == ''",
        message: 'The scheduler chooses the node: leave nodeName out.',
      },
    ],
  },
  {
    name: 'learner-services',
    part,
    matches: [{ apiGroup: '', resources: ['services'], operations: ['CREATE', 'UPDATE'] }],
    validations: [
      {
        expression: 'object.spec.?externalIPs.orValue([]).size() == 0',
        message: 'Services may not claim external addresses (CVE-2020-8554).',
      },
      {
        expression: "!(object.spec.?type.orValue('ClusterIP') in ['NodePort', 'LoadBalancer'])",
        message: 'Services are reached from inside here: neither NodePort nor LoadBalancer.',
      },
    ],
  },
  {
    name: 'learner-bindings',
    part,
    matches: [{ apiGroup: 'rbac.authorization.k8s.io', resources: ['rolebindings'], operations: ['CREATE', 'UPDATE'] }],
    validations: [
      {
        // Of the accounts of `-sys` the learner's own may be bound, and the ingress to its own role: the platform does.
        expression: `object.?subjects.orValue([]).all(s, s.kind == 'ServiceAccount' && (
          s.?namespace.orValue('') == request.namespace
          || (s.?namespace.orValue('') == request.namespace + '-sys' && (s.name == '${LEARNER_ACCOUNT}'
               || (s.name == '${INGRESS}' && object.roleRef.kind == 'Role' && object.roleRef.name == '${INGRESS}')))))`,
        message: 'Roles can be bound to ServiceAccounts of this namespace only.',
      },
    ],
  },
]

/** What learners' objects become, whatever they ask for. Validated above all the same: both fail closed. */
export const LEARNER_MUTATIONS: Mutation[] = [
  {
    name: 'learner-pods',
    part,
    matches: [{ apiGroup: '', resources: ['pods'], operations: ['CREATE'] }],
    apply: [
      `Object{spec: Object.spec{
        hostUsers: false,
        securityContext: Object.spec.securityContext{
          seccompProfile: Object.spec.securityContext.seccompProfile{type: 'RuntimeDefault'}},
        containers: object.spec.containers.map(c,
          Object.spec.containers{name: c.name, imagePullPolicy: 'IfNotPresent'})}}`,
      `has(object.spec.initContainers)
        ? Object{spec: Object.spec{initContainers: object.spec.initContainers.map(c,
            Object.spec.initContainers{name: c.name, imagePullPolicy: 'IfNotPresent'})}}
        : Object{}`,
    ],
  },
  {
    // `kubectl debug`: images lie on the node, and no registry could be asked.
    name: 'learner-debuggers',
    part,
    matches: [{ apiGroup: '', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] }],
    apply: [
      `has(object.spec.ephemeralContainers)
        ? Object{spec: Object.spec{ephemeralContainers: object.spec.ephemeralContainers.map(c,
            Object.spec.ephemeralContainers{name: c.name, imagePullPolicy: 'IfNotPresent'})}}
        : Object{}`,
    ],
  },
  {
    // By the account and not by the pod, as the token's volume is in a pod before mutating policies see it. Who asks for
    // a token in a pod's own spec gets one: of this namespace, with the rights that the learner gave it.
    name: 'learner-accounts',
    part,
    matches: [{ apiGroup: '', resources: ['serviceaccounts'], operations: ['CREATE'] }],
    apply: ['has(object.automountServiceAccountToken) ? Object{} : Object{automountServiceAccountToken: false}'],
  },
]
