import { randomUUID } from 'node:crypto'
import { type KubernetesObject, KubernetesObjectApi, type V1Node, type V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { quantity } from '#lib/k8s/quantity.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { type Lab, labSchema } from '#lib/labs/schema.ts'
import { logger } from '#lib/obs/logger.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { NO_ROOM } from '#lib/sandbox/problems.ts'
import { SandboxReconcile } from '#lib/sandbox/reconcile-sandboxes.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import { ownUser } from '#lib/sandbox/testing.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

/** What goes wrong in a real cluster, and what a learner reads of it. Whatever happens, nothing is left. */
const source = new KubeConfigSource(env().KUBECONFIG)
const instance = `failures-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
let images = imageRefs()
let offsetMs = 0
const reconcile = new SandboxReconcile({
  cluster,
  exec,
  instance,
  holder: instance,
  images: () => images,
  now: () => new Date(Date.now() + offsetMs),
  log: logger(),
  wake: () => {},
})
const { observed } = reconcile

let api: KubernetesObjectApi
let watch: { stop: () => void }
let ticking: Promise<void>
const stopping = new AbortController()

beforeAll(async () => {
  api = KubernetesObjectApi.makeApiClient(await source.current())
  watch = cluster.watchPods({
    onSync: (all) => observed.sync(all),
    onChange: (status) => observed.change(status),
    onGone: (sandboxId, machine) => observed.gone(sandboxId, machine),
    onDown: () => observed.lost(),
  })
  ticking = (async () => {
    while (!stopping.signal.aborted) {
      await reconcile.tick()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
})
afterAll(async () => {
  stopping.abort()
  await ticking
  watch.stop()
  await reconcile.stop()
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

async function started(userId: string, profile: Lab['machines'][number]['profile'] = 'root') {
  const definition = {
    lab: labSchema.parse({
      machines: [{ name: 'box', profile }],
      tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
    }),
    scripts: { 'checks/one.sh': 'pass yes' },
  }
  const loadLab = async (labId: string) => ({ definition, digest: labDigest(labId, definition) })
  const { id: sandboxId } = await startSandbox({ userId, labId: `challenges/test-${randomUUID()}`, loadLab })
  const view = () => getSandboxView({ userId, sandboxId })
  onTestFailed(async () => console.error(await view()))
  return {
    ...namespacesOf(sandboxId),
    view,
    becomes: (state: SandboxState, timeout = 60_000) =>
      expect.poll(async () => (await view()).state, { timeout }).toBe(state),
    end: () => endSandbox({ userId, sandboxId }),
  }
}

const nothingLeft = () => expect.poll(() => cluster.listNamespaces(), { timeout: 60_000 }).toEqual([])

it('an image that cannot be had: says so while it tries, then fails', async () => {
  await using user = await ownUser()
  const { root = '' } = images
  images = { ...images, root: root.replace(/:[^:]+$/, ':no-such-tag') }
  const { view, becomes } = await started(user.userId)
  await expect.poll(async () => (await view()).reason, { timeout: 30_000 }).toMatch(/image/)
  // A registry that says no is believed at once; one that does not answer is asked for a while.
  offsetMs += 4 * 60_000
  await becomes('failed')
  expect((await view()).reason).toMatch(/^The image of (your|this) machine/)
  images = imageRefs()
  await nothingLeft()
})

/** Pods that ask for what is free of every node's memory. */
async function ballast(namespace: string): Promise<KubernetesObject[]> {
  const { items: nodes } = await api.list<V1Node>('v1', 'Node')
  const { items: pods } = await api.list<V1Pod>('v1', 'Pod')
  return nodes.map(({ metadata: { name = '' } = {}, status }) => {
    const there = pods.filter(({ spec, status: { phase } = {} }) => spec?.nodeName === name && phase === 'Running')
    const asked = there
      .flatMap(({ spec }) => spec?.containers ?? [])
      .reduce((sum, { resources }) => sum + quantity(resources?.requests?.memory), 0)
    const memory = `${Math.floor((quantity(status?.allocatable?.memory) - asked) / 2 ** 20) - 100}Mi`
    const resources = { requests: { memory } }
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `ballast-${name}`, namespace },
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': name },
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: imageRefs().busybox ?? 'busybox:1.37', command: ['sleep', '600'], resources }],
      },
    }
  })
}

it('a full node: waits in the queue, whatever the time, and starts when there is room', async () => {
  await using user = await ownUser()
  const place = `dd-ballast-${instance}`
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } })
  try {
    for (const pod of await ballast(place)) await api.create(pod)
    const scheduled = async () => (await api.list<V1Pod>('v1', 'Pod', place)).items.every(({ spec }) => spec?.nodeName)
    await expect.poll(scheduled, { timeout: 30_000 }).toBe(true)
    const { view, becomes, end } = await started(user.userId)
    await expect.poll(async () => (await view()).waiting?.detail, { timeout: 30_000 }).toBe(NO_ROOM)
    offsetMs += 10 * 60_000
    const later = await started(user.userId)
    expect(await later.view()).toMatchObject({ state: 'queued', waiting: { queuePosition: 2 } })
    expect(await view()).toMatchObject({ state: 'queued', waiting: { queuePosition: 1, stage: 'In the queue' } })
    await api.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } })
    await becomes('ready')
    await later.becomes('ready')
    await Promise.all([end(), later.end()])
  } finally {
    await api.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } }).catch(() => {})
  }
  await nothingLeft()
})

it('a finalizer and a pod that ignores its end do not hold a namespace', async () => {
  await using user = await ownUser()
  const { learner: namespace, becomes, end } = await started(user.userId, 'kubernetes')
  await becomes('ready')
  await api.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stubborn', namespace },
    spec: {
      terminationGracePeriodSeconds: 600,
      containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"] }],
    },
  } as KubernetesObject)
  await api.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held', namespace, finalizers: ['example.org/never'] },
  })
  const running = async () => (await api.list<V1Pod>('v1', 'Pod', namespace)).items[0]?.status?.phase
  await expect.poll(running, { timeout: 30_000 }).toBe('Running')
  await end()
  await becomes('ended')
  await nothingLeft()
})

it('a full disk ends the machine with words about it, and it can be started anew', async () => {
  await using user = await ownUser()
  const { sys, view, becomes } = await started(user.userId)
  await becomes('ready')
  const terminal = await openTestTerminal(exec, sys)
  terminal.type('head -c 1200M /dev/zero > /fill')
  await becomes('lost')
  expect((await view()).reason).toBe('Your machine wrote more than fits on its disk (1 GiB), and was stopped.')
  terminal.close()
  await nothingLeft()
  const anew = await started(user.userId)
  await anew.becomes('ready')
  await anew.end()
  await anew.becomes('ended')
  expect(await db().sandbox.count({ where: { userId: user.userId, state: { in: ['ending', 'ready'] } } })).toBe(0)
})
