import { randomBytes, randomUUID } from 'node:crypto'
import { type Box, controlBox, eventually, learnerBox, type Place } from '#attack/box.ts'
import { type ControlKind, controlPod } from '#attack/control-pod.ts'
import { once } from '#attack/once.ts'
import { ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { type Lab, labSchema } from '#lib/labs/schema.ts'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import type { ClusterPort, Manifest } from '#lib/sandbox/cluster-port.ts'
import { LEARNER_RULES } from '#lib/sandbox/learner-role.ts'
import { PROFILES, type ProfileName } from '#lib/sandbox/machine-profiles.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { INSTANCE_LABEL, namespacesOf, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import { type Ask, asker } from '#lib/sandbox/test-api.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[]

/** The profiles whose machines can be made: some images come later than the first lab. */
export const possibleProfiles = (images: Record<string, string>): ProfileName[] =>
  PROFILE_NAMES.filter((name) => images[PROFILES[name].image])

/** A sandbox of one machine, `box`, with its learner's shell. */
export type Subject = Place & { sandboxId: string; profile: ProfileName; learner: string; ip: string; box: Box }
export type Control = Place & { ip: string; box: Box }
/** Who asks the API server: the learner, and those that may do what the learner must not. */
export type Askers = {
  admin: Ask
  learner: Ask
  /** The learner's role, in the control's namespace. */
  peer: Ask
  /** Everything, everywhere. */
  chief: Ask
}

/** Where attacks are tried: sandboxes as the platform makes them, and places where one defence is off. */
export type Range = {
  cluster: ClusterPort
  exec: ExecPort
  images: Record<string, string>
  /** The controls' namespace: without policies, Pod Security and bounds. */
  foreign: string
  askers: () => Promise<Askers>
  subject: (profile: ProfileName) => Promise<Subject>
  /** Another user's, of the profile that has most to lose: a machine and a namespace. */
  neighbour: () => Promise<Subject>
  /** A sandbox for one use: what is tried there leaves it in ruins. */
  spare: (profile: ProfileName, lab?: Lab) => Promise<Subject & AsyncDisposable>
  control: (kind: ControlKind, profile: ProfileName) => Promise<Control>
  /** The examiner of a sandbox; closed at the end. */
  examiner: (subject: Place) => Promise<ExaminerStream>
  /** Runs at the end, last one first. */
  defer: (undo: () => Promise<unknown> | unknown) => void
}

const labOf = (profile: ProfileName) =>
  labSchema.parse({
    machines: [{ name: 'box', profile, terminals: ['main', 'aux'] }],
    tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
  })

/**
 * Prepares a range on a cluster of ours; sandboxes and controls are made when first asked for. Disposing deletes all of
 * it. Applies the admission policies, as the platform does.
 */
export async function openRange(options: {
  kubeconfig: string | undefined
  images: Record<string, string>
}): Promise<Range & AsyncDisposable> {
  const { images } = options
  const source = new KubeConfigSource(options.kubeconfig)
  const instance = `attack-${randomBytes(4).toString('hex')}`
  const cluster = createCluster({ source, instance })
  const exec = createExec(source)
  const undo = new AsyncDisposableStack()
  const foreign = `dd-control-${randomBytes(4).toString('hex')}`
  const admin = await asker(await source.current())
  undo.defer(async () => {
    for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
  })
  await cluster.apply(admissionManifests(images))
  await cluster.create(controlNamespace(foreign, instance))
  const apiServer = await cluster.apiServer()

  async function make(profile: ProfileName, lab = labOf(profile)): Promise<Subject & AsyncDisposable> {
    const sandboxId = randomUUID()
    const { sys, learner } = namespacesOf(sandboxId)
    await cluster.create(sandboxManifests({ sandboxId, instance, lab, images, apiServer }))
    const place = { namespace: sys, pod: 'box' }
    const box = await learnerBox(exec, place)
    const ip = await addressOf(admin, place)
    return {
      ...{ ...place, sandboxId, profile, learner, ip, box },
      [Symbol.asyncDispose]: async () => {
        box.close()
        await Promise.all([sys, learner].map((name) => cluster.deleteNamespace({ name })))
      },
    }
  }

  async function makeControl(kind: ControlKind, profile: ProfileName): Promise<Control> {
    const place = { namespace: foreign, pod: `${kind}-${profile}` }
    await cluster.create([controlPod({ kind, profile, images, namespace: foreign, name: place.pod })])
    const box = controlBox(exec, place)
    await eventually(() => box.run(':'))
    return { ...place, box, ip: await addressOf(admin, place) }
  }

  const subjects = once((profile: ProfileName) => make(profile))
  const neighbours = once(() => make('kubernetes'))
  const controls = once((key: `${ControlKind}/${ProfileName}`) => {
    const [kind, profile] = key.split('/') as [ControlKind, ProfileName]
    return makeControl(kind, profile)
  })
  const learnersToken = async () => {
    const { box } = await subjects('kubernetes')
    const { output } = await box.run('cat /var/run/secrets/kubernetes.io/serviceaccount/token')
    return asker(await source.current(), output.trim())
  }
  const account = async (name: string, role: { kind: 'Role' | 'ClusterRole'; name: string }) => {
    await cluster.create(boundAccount(foreign, name, role))
    const path = `/api/v1/namespaces/${foreign}/serviceaccounts/${name}/token`
    const { body } = await admin('POST', path, { body: { spec: {} } })
    return asker(await source.current(), JSON.parse(body).status.token)
  }
  const askers = once(async () => {
    undo.defer(async () => {
      await admin('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${foreign}`)
    })
    const [learner, peer, chief] = await Promise.all([
      learnersToken(),
      account('peer', { kind: 'Role', name: 'learner' }),
      account('chief', { kind: 'ClusterRole', name: 'cluster-admin' }),
    ])
    await guarded(learner, namespacesOf((await subjects('kubernetes')).sandboxId).learner)
    return { admin, learner, peer, chief }
  })

  return {
    ...{ cluster, exec, images, foreign },
    subject: subjects,
    neighbour: () => neighbours('neighbour'),
    spare: make,
    control: (kind, profile) => controls(`${kind}/${profile}`),
    askers: () => askers('all'),
    examiner: async ({ namespace, pod }) => {
      const examiner = await eventually(() => ExaminerStream.open(exec, { namespace, pod }))
      undo.defer(() => examiner.close())
      return examiner
    },
    defer: (run) =>
      undo.defer(async () => {
        await run()
      }),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

/** The pod's address comes a moment after its first container. */
function addressOf(admin: Ask, { namespace, pod }: Place): Promise<string> {
  return eventually(async () => {
    const { status, body } = await admin('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`)
    const address: unknown = status === 200 ? JSON.parse(body).status.podIP : undefined
    if (typeof address !== 'string') throw new Error(`${namespace}/${pod} has no address: ${status}`)
    return address
  })
}

/** Listed under our instance, so that it is deleted with the rest; without the label that policies go by. */
function controlNamespace(name: string, instance: string): Manifest[] {
  const labels = { [SANDBOX_LABEL]: 'control', [INSTANCE_LABEL]: instance }
  const bound = (apiVersion: string, kind: string, object: string, spec: object): Manifest => ({
    ...{ apiVersion, kind, spec },
    metadata: { name: object, namespace: name },
  })
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'learner', namespace: name },
      rules: LEARNER_RULES,
    },
    // What attacks delete must be there; these bound nothing.
    bound('v1', 'ResourceQuota', 'bounds', { hard: { pods: '100' } }),
    bound('v1', 'LimitRange', 'bounds', { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Ti' } }] }),
    bound('networking.k8s.io/v1', 'NetworkPolicy', 'sandbox', { podSelector: { matchLabels: { none: 'at-all' } } }),
  ]
}

/** A new account of the control's namespace, bound to a role: there, or for a ClusterRole everywhere. */
function boundAccount(
  namespace: string,
  name: string,
  role: { kind: 'Role' | 'ClusterRole'; name: string },
): Manifest[] {
  const rbac = 'rbac.authorization.k8s.io'
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: `${rbac}/v1`,
      kind: role.kind === 'Role' ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata: role.kind === 'Role' ? { name, namespace } : { name: namespace },
      roleRef: { apiGroup: rbac, ...role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ]
}

/** Policies take effect a moment after they are written: a harmless request of theirs tells. */
async function guarded(learner: Ask, namespace: string): Promise<void> {
  const spec = { hostUsers: true, containers: [{ name: 'c', image: 'busybox' }] }
  await eventually(async () => {
    const { body } = await learner('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
      body: { metadata: { name: 'harmless' }, spec },
    })
    if (!body.includes('"hostUsers":false'))
      throw new Error(`admission policies are not in force: ${body.slice(0, 300)}`)
  })
  // The account that Kubernetes makes may be older than the policies, on a cluster that had none: it makes it anew.
  await learner('DELETE', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)
  await eventually(async () => {
    const { body } = await learner('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)
    if (!body.includes('"automountServiceAccountToken":false')) throw new Error('the default account is not bare')
  })
}
