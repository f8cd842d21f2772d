import { describe, expect, it } from 'vitest'
import { labSchema } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { LEARNER_RULES } from '#lib/sandbox/learner-role.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { INSTANCE_LABEL, namespacesOf, SANDBOX_LABEL } from '#lib/sandbox/names.ts'

const labWith = (profile: string) =>
  labSchema.parse({
    machines: [{ name: 'workstation', profile }],
    tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
  })
const images = { root: 'r:1', base: 'b:1', kubernetes: 'k:1', examiner: 'e:1', agent: 'a:1' }
const apiServer = [
  { address: '10.96.0.1', port: 443 },
  { address: 'fd00::1', port: 6443 },
]
const { sys, learner } = namespacesOf('s1')
const manifestsOf = (profile: string) =>
  sandboxManifests({ sandboxId: 's1', instance: 'i-1', lab: labWith(profile), images, apiServer })
const find = (manifests: Manifest[], kind: string, namespace: string, name?: string): Manifest => {
  const found = manifests.filter(
    (one) => one.kind === kind && one.metadata.namespace === namespace && (!name || one.metadata.name === name),
  )
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${kind} in ${namespace}`)
  return found[0]
}

type Pod = {
  spec: {
    serviceAccountName: string
    containers: { name: string; image: string; command: string[]; securityContext: object; volumeMounts: object[] }[]
    volumes: { name: string; projected?: { sources: unknown[] } }[]
  } & Record<string, unknown>
}
const podOf = (profile: string) => find(manifestsOf(profile), 'Pod', sys) as unknown as Pod
const machineOf = (profile: string) => podOf(profile).spec.containers.find(({ name }) => name === 'machine')

describe.each(['shell', 'kubernetes'])('a machine of profile %s', (profile) => {
  it('meets Pod Security restricted in the learner’s container', () => {
    expect(machineOf(profile)?.securityContext).toEqual({
      runAsUser: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
  })

  it('is in a user namespace, and its holder starts shells of `learner`', () => {
    expect(podOf(profile).spec).toMatchObject({ hostUsers: false, automountServiceAccountToken: false })
    expect(machineOf(profile)?.command).toEqual(expect.arrayContaining(['--user', '1000', '--isolate', 'none']))
  })
})

it.each(['shell', 'root'])('a lab of profile %s has one namespace, no token and no way out', (profile) => {
  const manifests = manifestsOf(profile)
  expect(manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual([sys])
  expect(manifests.filter(({ kind }) => kind === 'NetworkPolicy')).toHaveLength(1)
  expect(podOf(profile).spec).toMatchObject({ serviceAccountName: 'machine', dnsPolicy: 'None' })
  expect(JSON.stringify(manifests)).not.toContain('serviceAccountToken')
})

describe('a Kubernetes lab', () => {
  const manifests = manifestsOf('kubernetes')

  it('has two namespaces, both of them found by label', () => {
    const namespaces = manifests.filter(({ kind }) => kind === 'Namespace')
    expect(namespaces.map(({ metadata }) => metadata.name)).toEqual([sys, learner])
    for (const { metadata } of manifests) {
      expect(metadata.labels).toMatchObject({ [SANDBOX_LABEL]: 's1', [INSTANCE_LABEL]: 'i-1' })
    }
    expect(namespaces[1]?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'baseline' })
  })

  it('gives a short-lived token to the learner, and to nobody else', () => {
    const { spec } = podOf('kubernetes')
    expect(spec.serviceAccountName).toBe('learner')
    const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount')
    expect(accounts.map(({ metadata }) => metadata.name)).toEqual(['learner'])
    expect(spec.volumes.find(({ name }) => name === 'account')?.projected?.sources[0]).toEqual({
      serviceAccountToken: { path: 'token', expirationSeconds: 3600 },
    })
    const mounting = spec.containers.filter(({ volumeMounts }) => JSON.stringify(volumeMounts).includes('"account"'))
    expect(mounting.map(({ name }) => name)).toEqual(['machine'])
  })

  it('binds that account in the learner’s namespace only', () => {
    const bindings = manifests.filter(({ kind }) => kind.endsWith('RoleBinding'))
    expect(bindings).toHaveLength(1)
    expect(bindings[0]).toMatchObject({
      metadata: { namespace: learner },
      roleRef: { kind: 'Role', name: 'learner' },
      subjects: [{ kind: 'ServiceAccount', name: 'learner', namespace: sys }],
    })
  })

  it('has one policy for all of the learner’s pods, in both directions', () => {
    expect(find(manifests, 'NetworkPolicy', learner).spec).toMatchObject({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    })
  })

  it('lets traffic stay in the sandbox, but for DNS and the API server', () => {
    for (const policy of [
      find(manifests, 'NetworkPolicy', learner, 'sandbox'),
      find(manifests, 'NetworkPolicy', sys, 'workstation'),
    ]) {
      const { egress } = policy.spec as { egress: { to: object[] }[] }
      expect(egress.flatMap(({ to }) => to)).toEqual([
        { namespaceSelector: { matchLabels: { [SANDBOX_LABEL]: 's1' } } },
        expect.objectContaining({ podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }),
        { ipBlock: { cidr: '10.96.0.1/32' } },
        { ipBlock: { cidr: 'fd00::1/128' } },
      ])
    }
  })

  it('has neither load balancers nor node ports', () => {
    expect(find(manifests, 'ResourceQuota', learner).spec).toMatchObject({
      hard: { pods: '20', 'services.loadbalancers': '0', 'services.nodeports': '0' },
    })
  })
})

describe('the learner’s role', () => {
  const granted = (resource: string) =>
    LEARNER_RULES.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs)

  it('enumerates everything and grants no way up', () => {
    for (const word of LEARNER_RULES.flatMap((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs])) {
      expect(word).not.toContain('*')
      expect(['escalate', 'bind', 'impersonate', 'approve', 'proxy']).not.toContain(word)
    }
  })

  it.each(['endpoints', 'endpointslices', 'resourcequotas', 'limitranges', 'events'])('only reads %s', (resource) => {
    expect(new Set(granted(resource))).toEqual(new Set(['get', 'list', 'watch']))
  })

  it.each(['networkpolicies', 'nodes', 'persistentvolumes', 'services/proxy', 'pods/eviction'])(
    'does not know %s',
    (resource) => {
      expect(granted(resource)).toEqual([])
    },
  )
})

describe('accounts that a lab begins with', () => {
  const lab = (kubernetes: unknown) =>
    labSchema.safeParse({
      kubernetes,
      tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
    })
  const accounts = (serviceAccounts?: string[]) => {
    const { data } = lab(serviceAccounts ? { serviceAccounts } : {})
    if (!data) throw new Error('no lab')
    return sandboxManifests({ sandboxId: 's1', instance: 'i-1', lab: data, images, apiServer }).filter(
      ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.namespace === learner,
    )
  }

  it('are in the learner’s namespace, of this sandbox, without a token, and nothing binds them', () => {
    expect(accounts(['front-desk', 'night-watch'])).toEqual(
      ['front-desk', 'night-watch'].map((name) => ({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace: learner, labels: { [SANDBOX_LABEL]: 's1', [INSTANCE_LABEL]: 'i-1' } },
        automountServiceAccountToken: false,
      })),
    )
    const { data } = lab({ serviceAccounts: ['front-desk'] })
    if (!data) throw new Error('no lab')
    const all = sandboxManifests({ sandboxId: 's1', instance: 'i-1', lab: data, images, apiServer })
    expect(JSON.stringify(all.filter(({ kind }) => kind === 'RoleBinding'))).not.toContain('front-desk')
    expect(accounts()).toEqual([])
  })

  it.each([['default'], ['Front'], ['front_desk'], ['-front'], ['front-'], ['a'.repeat(64)], ['']])(
    'cannot be called %j',
    (name) => {
      expect(lab({ serviceAccounts: [name] }).success).toBe(false)
    },
  )

  it('are ten at most, each once', () => {
    const many = Array.from({ length: 11 }, (_, n) => `a${n}`)
    expect(lab({ serviceAccounts: many.slice(1) }).success).toBe(true)
    expect(lab({ serviceAccounts: many }).success).toBe(false)
    expect(lab({ serviceAccounts: ['a', 'a'] }).success).toBe(false)
  })
})
