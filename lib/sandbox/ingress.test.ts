import { describe, expect, it } from 'vitest'
import { labSchema } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { podNames } from '#lib/sandbox/ingress.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { INSTANCE_LABEL, namespacesOf, SANDBOX_LABEL } from '#lib/sandbox/names.ts'

const lab = (kubernetes: object) =>
  labSchema.parse({ kubernetes, tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }] })
const images = { kubernetes: 'k:1', examiner: 'e:1', agent: 'a:1', ingress: 'i:1' }
const apiServer = [{ address: '10.96.0.1', port: 443 }]
const { sys, learner } = namespacesOf('s1')
const options = { sandboxId: 's1', instance: 'i-1', images, apiServer }
const plain = sandboxManifests({ ...options, lab: lab({}) })
const all = sandboxManifests({ ...options, lab: lab({ ingress: true }) })
const named = all.filter(({ metadata }) => metadata.name === 'ingress')
const of = (kind: string): Manifest => {
  const [found, ...more] = named.filter((one) => one.kind === kind)
  if (!found || more.length > 0) throw new Error(`not exactly one ${kind}`)
  return found
}
type Container = { args: string[]; securityContext: object; resources: Record<'requests' | 'limits', object> }
const pod = of('Pod').spec as { containers: [Container]; volumes: object[] } & Record<string, unknown>
const [container] = pod.containers

describe('an ingress', () => {
  it('is there for who asks for it', () => {
    expect(plain.filter(({ metadata }) => metadata.name === 'ingress')).toEqual([])
    expect(podNames(lab({ ingress: true }))).toEqual(['workstation', 'ingress'])
    expect(podNames(lab({}))).toEqual(['workstation'])
  })

  it.each([
    ['ServiceAccount', sys],
    ['Role', learner],
    ['RoleBinding', learner],
    ['NetworkPolicy', sys],
    ['Service', sys],
    ['Pod', sys],
  ])('has one %s, found by label', (kind, namespace) => {
    expect(of(kind).metadata).toMatchObject({ namespace, labels: { [SANDBOX_LABEL]: 's1', [INSTANCE_LABEL]: 'i-1' } })
    expect(named.map((one) => one.kind)).toHaveLength(6)
  })

  it('reads what it routes by, writes where it is found, and nothing else', () => {
    const read = ['get', 'list', 'watch']
    expect(of('Role').rules).toEqual([
      { apiGroups: [''], resources: ['services', 'secrets'], verbs: read },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: read },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
    ])
    expect(of('RoleBinding')).toMatchObject({
      roleRef: { kind: 'Role', name: 'ingress' },
      subjects: [{ kind: 'ServiceAccount', name: 'ingress', namespace: sys }],
    })
  })

  it.each([
    ['hostUsers', false],
    ['serviceAccountName', 'ingress'],
    ['automountServiceAccountToken', false],
    ['enableServiceLinks', false],
    ['hostNetwork', undefined],
    ['dnsPolicy', 'None'],
    ['volumes', [expect.objectContaining({ name: 'account', projected: expect.anything() })]],
  ])('its pod’s %s is %s', (key, value) => {
    expect(pod[key]).toEqual(value)
  })

  it('holds no right on its node, and has a bound that is requested in full', () => {
    expect(container.securityContext).toEqual({
      runAsUser: 65532,
      runAsGroup: 65532,
      runAsNonRoot: true,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.resources.requests).toMatchObject({ memory: '96Mi' })
    expect(container.resources.limits).toMatchObject({ memory: '96Mi', cpu: '500m', 'ephemeral-storage': '16Mi' })
  })

  it.each([
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    `--providers.kubernetesingress.namespaces=${learner}`,
    '--providers.kubernetesingress.disableclusterscoperesources=true',
  ])('is told %s', (arg) => {
    expect(container.args).toContain(arg)
  })

  it('serves no page of its own', () => {
    expect(container.args.filter((arg) => /api|dashboard|plugin|acme|certificatesresolvers|metrics/.test(arg))).toEqual(
      [],
    )
  })

  it('is reached by workstations, and reaches the learner’s pods and the API server', () => {
    expect(of('NetworkPolicy').spec).toEqual({
      podSelector: { matchLabels: { 'drydock.dev/profile': 'ingress' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { 'drydock.dev/profile': 'kubernetes' } } }],
          ports: [
            { protocol: 'TCP', port: 8080 },
            { protocol: 'TCP', port: 8443 },
          ],
        },
      ],
      egress: [
        {
          to: [{ namespaceSelector: { matchLabels: { [SANDBOX_LABEL]: 's1', 'drydock.dev/namespace': 'learner' } } }],
        },
        { to: [{ ipBlock: { cidr: '10.96.0.1/32' } }], ports: [{ protocol: 'TCP', port: 443 }] },
      ],
    })
  })

  it('has room in the quota, for itself and its Service alone', () => {
    const bounds = (manifests: Manifest[]) =>
      manifests.find(({ kind, metadata }) => kind === 'ResourceQuota' && metadata.namespace === sys)?.spec
    expect(bounds(plain)).toMatchObject({ hard: { pods: '1', services: '0', 'limits.memory': '352Mi' } })
    expect(bounds(all)).toMatchObject({ hard: { pods: '2', services: '1', 'limits.memory': '448Mi' } })
  })

  it('waits for its image', () => {
    const { ingress: _, ...others } = images
    const without = () => sandboxManifests({ ...options, images: others, lab: lab({ ingress: true }) })
    expect(without).toThrow(expect.objectContaining({ code: 'cluster-unavailable' }))
  })
})
