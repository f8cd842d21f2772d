import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KubernetesListObject, KubernetesObjectApi } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'
import { logger } from '#lib/obs/logger.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import { ownUser, testLab } from '#lib/sandbox/testing.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'
import { Reconciler } from '#server/reconciler.ts'

const source = new KubeConfigSource(env().KUBECONFIG)
// Of this run alone: neither its sweeper nor its watch sees what another run left.
const instance = `test-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
const objects = new ObjectWatch({ source, log: logger() })
const reconciler = new Reconciler({ cluster, exec, objects, instance, images: imageRefs, log: logger() })

const lab = {
  lab: testLab.lab,
  scripts: {
    // `inner` is a network namespace the learner makes; the examiner looks at the kernel, not at what the learner's tools say.
    'checks/one.sh': `[[ $(netns) == *inner* ]] && pass "there is a namespace" || not_yet "there is none yet"`,
    'checks/two.sh': `in-net inner -- ip -br link show lo | grep -q UP && pass "lo is up" || not_yet "lo is down"`,
  },
}

beforeAll(() => reconciler.start())
afterAll(async () => {
  await reconciler.stop()
  objects.stop()
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

/** What the cluster says of a namespace, for the report of a failure. */
async function evidence(namespace: string): Promise<string> {
  const api = KubernetesObjectApi.makeApiClient(await source.current())
  const kinds = await Promise.all(['Pod', 'Event'].map((kind) => api.list('v1', kind, namespace)))
  const items = kinds.flatMap((list: KubernetesListObject<object>) => list.items)
  const brief = (key: string, value: unknown) => (key === 'managedFields' ? undefined : value)
  return items.map((item) => JSON.stringify(item, brief)).join('\n')
}

it('starts, is judged, ends, and leaves nothing', { timeout: 60_000 }, async () => {
  await using user = await ownUser()
  const labId = `challenges/test-${randomUUID()}`
  const { id: sandboxId } = await startSandbox({
    userId: user.userId,
    labId,
    loadLab: async () => ({ definition: lab, digest: randomUUID() }),
  })
  const { sys } = namespacesOf(sandboxId)
  onTestFailed(async () => console.error(await evidence(sys)))
  const view = () => getSandboxView({ userId: user.userId, sandboxId })
  const until = async (done: (now: Awaited<ReturnType<typeof view>>) => boolean) => {
    for (;;) {
      const now = await view()
      if (done(now)) return now
      if (now.state === 'failed' || now.state === 'lost') throw new Error(`${now.state}: ${now.reason}`)
      await sleep(50)
    }
  }
  const becomes = (state: SandboxState) => until((now) => now.state === state)

  await becomes('ready')
  await until(({ tasks }) => tasks[0]?.verdict === 'not-yet')
  const learner = await openTestTerminal(exec, sys)
  learner.type('ip netns add inner && ip netns exec inner ip link set lo up; echo typed-$?')
  await expect.poll(learner.output).toContain('typed-0')
  const solved = await until(({ solvedAt }) => solvedAt !== null)
  expect(solved.tasks).toMatchObject([
    { verdict: 'pass', evidence: 'there is a namespace' },
    { verdict: 'pass', evidence: 'lo is up' },
  ])
  learner.type('ip -n inner link set lo down')
  const after = await until(({ tasks }) => tasks[1]?.verdict === 'not-yet')
  expect(after.tasks[1]).toMatchObject({ evidence: 'lo is down', wasTrueUntil: expect.any(String) })
  expect(after.solvedAt).toBe(solved.solvedAt)
  expect(await db().verdict.count({ where: { sandboxId, verdict: 'broken' } })).toBe(0)

  learner.close()
  await endSandbox({ userId: user.userId, sandboxId })
  await becomes('ended')
  expect(await cluster.listNamespaces()).toEqual([])
})

it('says within seconds that a machine was deleted', { timeout: 60_000 }, async () => {
  await using user = await ownUser()
  const { id: sandboxId } = await startSandbox({
    userId: user.userId,
    labId: `challenges/test-${randomUUID()}`,
    loadLab: async () => ({ definition: lab, digest: randomUUID() }),
  })
  const { sys } = namespacesOf(sandboxId)
  onTestFailed(async () => console.error(await evidence(sys)))
  const state = async () => (await getSandboxView({ userId: user.userId, sandboxId })).state
  await expect.poll(state, { timeout: 30_000 }).toBe('ready')
  const api = KubernetesObjectApi.makeApiClient(await source.current())
  await api.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'box', namespace: sys } })
  await expect.poll(state, { timeout: 5000 }).toBe('lost')
  expect((await getSandboxView({ userId: user.userId, sandboxId })).reason).toBe('The machine was deleted.')
})
