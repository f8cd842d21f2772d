import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { LEARNER_RULES } from '#lib/sandbox/learner-role.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { INSTANCE_LABEL, MACHINE_CONTAINER, namespacesOf, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import { type Answer, type Ask, asker } from '#lib/sandbox/test-api.ts'
import { type Attack, BY_ADMISSION, BY_ROLE, type Places, podWith } from '#lib/sandbox/test-attacks.ts'

/**
 * A learner of a Kubernetes lab, with their own token, tries what they must not. Each attack comes with a control: the
 * same request where that one defence is off, in a namespace without our label and without Pod Security, by the same
 * account with the same role; or, where it is RBAC that refuses, by an account with a broader one.
 */
const source = new KubeConfigSource(env().KUBECONFIG)
const sandboxId = randomUUID()
const instance = `isolation-${sandboxId.slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
const { sys, learner } = namespacesOf(sandboxId)
/** Somebody else's, and the controls' place. Listed under our instance, so that it is deleted with the rest. */
const foreign = `dd-control-${sandboxId.slice(0, 8)}`
const places: Places = { sys, learner, foreign }
const lab = labSchema.parse({
  machines: [{ name: 'workstation', profile: 'kubernetes' }],
  tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
})
const manifests = () => sandboxManifests({ sandboxId, instance, lab, images: imageRefs() })

let asAdmin: Ask
let asLearner: Ask
/** The learner's role, in the foreign namespace. */
let asPeer: Ask
/** Everything, everywhere. */
let asChief: Ask

beforeAll(async () => {
  asAdmin = await asker(await source.current())
  await cluster.apply(admissionManifests(imageRefs()))
  await cluster.create([...controlNamespace(), ...manifests()])
  asPeer = await account('peer', { kind: 'Role', name: 'learner' })
  asChief = await account('chief', { kind: 'ClusterRole', name: 'cluster-admin' })
  asLearner = await asker(await source.current(), await learnersToken())
  await asAdmin('POST', `/api/v1/namespaces/${foreign}/pods`, { body: named(podWith({}), 'web') })
  // Policies take effect a moment after they are written: a harmless request of theirs tells.
  const guarded = async () => expect(await create(asLearner, hostUsers(true))).toContain('"hostUsers":false')
  await vi.waitFor(guarded, { timeout: 30_000, interval: 200 })
  // The account that Kubernetes makes may be older than the policies, on a cluster that had none: it makes it anew.
  const ownAccount = `/api/v1/namespaces/${learner}/serviceaccounts/default`
  await asLearner('DELETE', ownAccount)
  const bare = async () =>
    expect((await asAdmin('GET', ownAccount)).body).toContain('"automountServiceAccountToken":false')
  await vi.waitFor(bare, { timeout: 30_000, interval: 100 })
  expect((await asLearner('POST', pods(learner), { body: named(podWith({}), 'web') })).status).toBe(201)
})

afterAll(async () => {
  await asAdmin('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${foreign}`)
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

const pods = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`
const named = (manifest: Manifest, name: string) => ({ ...manifest, metadata: { name } })
const hostUsers = (value: boolean) => podWith({ hostUsers: value })
const create = async (ask: Ask, body: object, namespace = learner) =>
  (await ask('POST', `${pods(namespace)}?dryRun=All`, { body })).body

function controlNamespace(): Manifest[] {
  const labels = { [SANDBOX_LABEL]: 'control', [INSTANCE_LABEL]: instance }
  const inside = (name: string) => ({ name, namespace: foreign, labels })
  const bounds = manifests().filter(
    ({ kind, metadata }) =>
      metadata.namespace === learner && ['ResourceQuota', 'LimitRange', 'NetworkPolicy'].includes(kind),
  )
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: foreign, labels } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: inside('learner'),
      rules: LEARNER_RULES,
    },
    // What may be edited must be there; a quota that refuses node ports would be a second defence.
    ...bounds
      .filter(({ kind }) => kind !== 'ResourceQuota')
      .map((one) => ({ ...one, metadata: inside(one.metadata.name) })),
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: inside('bounds'), spec: { hard: { pods: '50' } } },
  ]
}

/** A new account of the foreign namespace, bound to a role: there, or for a ClusterRole everywhere. */
async function account(name: string, role: { kind: 'Role' | 'ClusterRole'; name: string }): Promise<Ask> {
  const rbac = 'rbac.authorization.k8s.io'
  await cluster.create([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: foreign } }])
  await cluster.create([
    {
      apiVersion: `${rbac}/v1`,
      kind: role.kind === 'Role' ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata: role.kind === 'Role' ? { name, namespace: foreign } : { name: foreign },
      roleRef: { apiGroup: rbac, ...role },
      subjects: [{ kind: 'ServiceAccount', name, namespace: foreign }],
    },
  ])
  const path = `/api/v1/namespaces/${foreign}/serviceaccounts/${name}/token`
  const { body } = await asAdmin('POST', path, { body: { spec: {} } })
  return asker(await source.current(), JSON.parse(body).status.token)
}

/** What the workstation's kubectl uses, read where the learner would. */
async function learnersToken(): Promise<string> {
  let token = ''
  const read = async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const target = { namespace: sys, pod: 'workstation', container: MACHINE_CONTAINER }
    const file = '/var/run/secrets/kubernetes.io/serviceaccount/token'
    token = ''
    const onStdout = (bytes: Uint8Array) => {
      token += Buffer.from(bytes).toString()
    }
    await exec.open(target, ['cat', file], { onStdout, onEnd: () => resolve() })
    await promise
    return token
  }
  return vi
    .waitFor(async () => expect(await read()).toMatch(/^ey/), { timeout: 60_000, interval: 200 })
    .then(() => token)
}

const send = (ask: Ask, { method = 'POST', path, body, headers = {} }: Attack, namespace: string, dryRun: boolean) => {
  const where = path(namespace, places)
  const query = dryRun && method !== 'GET' ? `${where.includes('?') ? '&' : '?'}dryRun=All` : ''
  const sent = body?.(namespace, places)
  return ask(method, `${where}${query}`, { headers, ...(sent && { body: sent }) })
}

const refused = ({ status, body }: Answer, says: RegExp) => {
  expect(body).toMatch(says)
  expect([403, 422]).toContain(status)
}
/** 400: what comes after every defence, as a shell without a connection to upgrade. */
const works = ({ status, body }: Answer) => expect(status, body).toBeLessThan(401)

describe('refused by admission', () => {
  it.each(BY_ADMISSION)('$name', async (attack) => {
    refused(await send(asLearner, attack, learner, false), attack.says)
    works(await send(asPeer, attack, foreign, true))
  })

  it('hostUsers true is not refused but overridden, as is what would need a registry', async () => {
    const made = JSON.parse(await create(asLearner, podWith({ hostUsers: true }, { image: 'nginx' }))).spec
    expect(made).toMatchObject({ hostUsers: false, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })
    expect(made.containers[0].imagePullPolicy).toBe('IfNotPresent')
    expect(JSON.stringify(made.volumes ?? [])).not.toContain('serviceAccountToken')
    const control = JSON.parse(await create(asPeer, podWith({ hostUsers: true }, { image: 'nginx' }), foreign)).spec
    expect(control).toMatchObject({ hostUsers: true, containers: [{ imagePullPolicy: 'Always' }] })
    expect(JSON.stringify(control.volumes)).toContain('serviceAccountToken')
  })

  it.each(['nginx', 'nginx:1.26', 'library/busybox', 'docker.io/library/debian:trixie', 'drydock.local/nginx:1'])(
    'but not the image %s',
    async (image) => {
      expect(await create(asLearner, podWith({}, { image }))).toContain('"kind":"Pod"')
    },
  )
})

it('bounds the namespace by what the manifests say', async () => {
  const bounds = manifests().filter(
    ({ kind, metadata }) =>
      metadata.namespace === learner && ['LimitRange', 'NetworkPolicy', 'ResourceQuota'].includes(kind),
  )
  expect(bounds).toHaveLength(3)
  for (const { kind, metadata, spec } of bounds) {
    const api = kind === 'NetworkPolicy' ? '/apis/networking.k8s.io/v1' : '/api/v1'
    const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`
    const { body } = await asAdmin('GET', `${api}/namespaces/${learner}/${plural}/${metadata.name}`)
    expect(JSON.parse(body).spec).toEqual(spec)
  }
})

describe('refused by role', () => {
  it.each(BY_ROLE)('$name', async (attack) => {
    refused(await send(asLearner, attack, learner, false), attack.says)
    works(await send(asChief, attack, foreign, true))
  })
})

describe('refused to anybody in the namespace of the machines', () => {
  type Spec = { containers: Record<string, unknown>[]; volumes: object[] } & Record<string, unknown>
  const machine = (): { metadata: object; spec: Spec } =>
    structuredClone(manifests().find(({ kind }) => kind === 'Pod')) as unknown as { metadata: object; spec: Spec }
  const changed = (change: (spec: Spec, container: Record<string, unknown>) => void) => {
    const { spec, metadata } = machine()
    const [container = {}] = spec.containers
    change(spec, container)
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'attack', namespace: undefined }, spec }
  }
  const context = (container: Record<string, unknown>) => container.securityContext as Record<string, unknown>

  it.each<[string, RegExp, (spec: Spec, container: Record<string, unknown>) => void]>([
    [
      'a capability beyond the profile',
      /beyond its profile/,
      (_, container) => {
        container.securityContext = { ...context(container), capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }
      },
    ],
    [
      'a privileged machine',
      /beyond its profile/,
      (_, container) => {
        container.securityContext = { privileged: true, capabilities: { drop: ['ALL'] } }
      },
    ],
    [
      'a container of another name',
      /known profile/,
      (_, container) => {
        container.name = 'other'
      },
    ],
    [
      'an image of elsewhere',
      /our images/,
      (_, container) => {
        container.image = 'mallory/base:1'
      },
    ],
    [
      'a path of the node',
      /our images/,
      (spec) => {
        spec.volumes.push({ name: 'host', hostPath: { path: '/' } })
      },
    ],
    [
      'the node’s users',
      /user namespace/,
      (spec, container) => {
        spec.hostUsers = true
        for (const one of [container, ...spec.containers])
          one.securityContext = { ...context(one), procMount: 'Default' }
      },
    ],
    [
      'the node’s network',
      /user namespace/,
      (spec) => {
        spec.hostNetwork = true
        spec.hostUsers = true
        for (const one of spec.containers) one.securityContext = { ...context(one), procMount: 'Default' }
      },
    ],
    [
      'no filter of system calls',
      /runtime’s default/,
      (_, container) => {
        container.securityContext = { ...context(container), seccompProfile: { type: 'Unconfined' } }
      },
    ],
  ])('%s', async (_, says, change) => {
    const body = changed(change)
    // The quota counts one pod, so that it would refuse the second: policies are asked first.
    refused(await asAdmin('POST', pods(sys), { body }), says)
    const accounted = { ...body, spec: { ...body.spec, serviceAccountName: 'default' } }
    works(await asAdmin('POST', `${pods(foreign)}?dryRun=All`, { body: accounted }))
  })
})
