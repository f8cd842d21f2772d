import type { Attack, Outcome } from '#attack/attack.ts'
import type { Ask } from '#lib/sandbox/test-api.ts'

/** Deleted again at once. */
const COUNT = 130
const MAX_MEGABYTES = 45

const KINDS: { api: string; plural: string; body: (name: string) => object }[] = [
  { api: '/api/v1', plural: 'configmaps', body: (name) => ({ metadata: { name } }) },
  { api: '/api/v1', plural: 'secrets', body: (name) => ({ metadata: { name } }) },
  { api: '/api/v1', plural: 'serviceaccounts', body: (name) => ({ metadata: { name } }) },
  { api: '/api/v1', plural: 'services', body: (name) => ({ metadata: { name }, spec: { ports: [{ port: 80 }] } }) },
  {
    api: '/api/v1',
    plural: 'persistentvolumeclaims',
    body: (name) => ({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }),
  },
  { api: '/apis/rbac.authorization.k8s.io/v1', plural: 'roles', body: (name) => ({ metadata: { name } }) },
  {
    api: '/apis/rbac.authorization.k8s.io/v1',
    plural: 'rolebindings',
    body: (name) => ({
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'learner' },
    }),
  },
  { api: '/apis/apps/v1', plural: 'deployments', body: (name) => workload(name, { replicas: 0 }) },
  { api: '/apis/apps/v1', plural: 'replicasets', body: (name) => workload(name, { replicas: 0 }) },
  { api: '/apis/apps/v1', plural: 'statefulsets', body: (name) => workload(name, { replicas: 0, serviceName: name }) },
  { api: '/apis/apps/v1', plural: 'daemonsets', body: (name) => workload(name, {}, { nodeSelector: { no: 'node' } }) },
  { api: '/apis/batch/v1', plural: 'jobs', body: (name) => ({ metadata: { name }, spec: job }) },
  {
    api: '/apis/batch/v1',
    plural: 'cronjobs',
    body: (name) => ({ metadata: { name }, spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } } }),
  },
  {
    api: '/apis/networking.k8s.io/v1',
    plural: 'ingresses',
    body: (name) => ({ metadata: { name }, spec: { defaultBackend: { service: { name, port: { number: 80 } } } } }),
  },
]

const podSpec = { containers: [{ name: 'c', image: 'busybox' }] }
const workload = (name: string, spec: object, pod: object = {}) => {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { ...podSpec, ...pod } }
  return { metadata: { name }, spec: { ...spec, selector: { matchLabels: labels }, template } }
}
const job = { suspend: true, template: { spec: { ...podSpec, restartPolicy: 'Never' } } }

/** Makes objects until it is refused, at most so many; deletes them. */
async function makeMany(ask: Ask, namespace: string, { api, plural, body }: (typeof KINDS)[number], limit: number) {
  const path = `${api}/namespaces/${namespace}/${plural}`
  let count = 0
  let refusal = ''
  while (count < limit && !refusal) {
    const answer = await ask('POST', path, { body: body(`attack-${count}`) })
    if (answer.status === 201) count++
    else refusal = `${answer.status} ${answer.body.slice(0, 200)}`
  }
  await Promise.all(Array.from({ length: count }, (_, index) => ask('DELETE', `${path}/attack-${index}`)))
  return { count, refusal }
}

const manyObjects = (kind: (typeof KINDS)[number]): Attack => {
  const make = async (ask: Ask, namespace: string): Promise<Outcome> => {
    const { count, refusal } = await makeMany(ask, namespace, kind, COUNT)
    if (refusal && !refusal.includes('exceeded quota')) throw new Error(refusal)
    return { worked: count === COUNT, seen: `${count} made${refusal ? ', then the quota' : ''}` }
  }
  return {
    name: `10,000 ${kind.plural}`,
    from: ({ kubernetes }) => kubernetes,
    control: 'the same role in a namespace without our quota',
    attempt: async (range, profile) => make((await range.askers()).learner, (await range.subject(profile)).learner),
    proof: async (range) => make((await range.askers()).peer, range.foreign),
  }
}

const megabyte = 'x'.repeat(1_000_000)
const bigObjects = {
  api: '/api/v1',
  plural: 'configmaps',
  body: (name: string) => ({ metadata: { name }, data: { megabyte } }),
}

async function big(ask: Ask, namespace: string): Promise<Outcome> {
  const { count, refusal } = await makeMany(ask, namespace, bigObjects, MAX_MEGABYTES)
  return { worked: count === MAX_MEGABYTES, seen: `${count} MB made${refusal ? ', then the quota' : ''}` }
}

/** What a learner of a Kubernetes lab can put into the API server. */
export const OBJECTS: Attack[] = [
  ...KINDS.map(manyObjects),
  {
    name: `${MAX_MEGABYTES} MB of config maps`,
    from: ({ kubernetes }) => kubernetes,
    control: 'the same role in a namespace without our quota',
    attempt: async (range, profile) => big((await range.askers()).learner, (await range.subject(profile)).learner),
    proof: async (range) => big((await range.askers()).peer, range.foreign),
  },
]
