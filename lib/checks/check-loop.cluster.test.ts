import { randomUUID } from 'node:crypto'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import pino from 'pino'
import { expect, it, vi } from 'vitest'
import { CheckLoop } from '#lib/checks/check-loop.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { loadTestLab, ownUser } from '#lib/sandbox/testing.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const SOON = { timeout: 15_000, interval: 10 }

const definition = {
  lab: labSchema.parse({
    kubernetes: {},
    tasks: [
      {
        id: 'three',
        title: 'Three replicas of web are asked for and made',
        check: {
          kubernetes: {
            get: 'deployments.apps/web',
            cel: 'object.spec.replicas == 3 && object.status.?replicas.orValue(0) == 3',
          },
        },
        evidence: '{{ object.status.replicas }} of {{ object.spec.replicas }}',
      },
      {
        id: 'pods',
        title: 'Three Pods of web are there',
        needs: ['three'],
        check: { kubernetes: { list: 'pods', selector: 'app=web', cel: 'objects.size() == 3' } },
        evidence: '{{ objects.size }} Pods',
      },
    ],
  }),
  scripts: {},
}
const log = pino({ level: 'silent' })
const exec: ExecPort = {
  open: async () => {
    throw new Error('nobody asks an examiner')
  },
}

it('judges a Deployment as it is scaled, in the learner’s namespace only, and again after the cluster was away', async () => {
  await using user = await ownUser()
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id, attemptId } = await startSandbox({ userId: user.userId, labId, loadLab: loadTestLab })
  await db().sandbox.update({ where: { id }, data: { state: 'ready' } })
  const { learner: namespace } = namespacesOf(id)

  const real = await new KubeConfigSource(env().KUBECONFIG).current()
  const away = new KubeConfig()
  away.loadFromClusterAndUser({ name: 'away', server: 'https://127.0.0.1:1', skipTLSVerify: true }, { name: 'nobody' })
  let current = real
  const source = { current: async () => current } as KubeConfigSource
  const objects = new ObjectWatch({ source, log })
  const loop = new CheckLoop({ sandbox: { id, attemptId, definition, vars: {} }, exec, objects, log })

  const api = KubernetesObjectApi.makeApiClient(real)
  const web = (replicas: number, inside = namespace) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: inside },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      // No node runs its Pods: what counts here is what the API server and its controllers say.
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { nodeSelector: { nowhere: 'x' }, containers: [{ name: 'c', image: 'none' }] },
      },
    },
  })
  const named = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const results = () => db().taskResult.findMany({ where: { attemptId }, orderBy: { taskId: 'desc' } })
  const untilResults = (expected: object[]) =>
    vi.waitFor(async () => expect(await results()).toMatchObject(expected), SOON)
  const elsewhere = namespacesOf(randomUUID()).learner

  await Promise.all([api.create(named(namespace)), api.create(named(elsewhere))])
  try {
    loop.start()
    await untilResults([{ taskId: 'three', verdict: 'notYet', evidence: 'There is no deployments.apps/web.' }])
    await api.create(web(3, elsewhere))
    await api.create(web(1))
    await untilResults([{ taskId: 'three', verdict: 'notYet', evidence: '1 of 1' }])
    await api.patch(web(3))
    await untilResults([
      { taskId: 'three', verdict: 'pass', evidence: '3 of 3' },
      { taskId: 'pods', verdict: 'pass', evidence: '3 Pods' },
    ])
    const { solvedAt } = await db().attempt.findUniqueOrThrow({ where: { id: attemptId } })
    expect(solvedAt).toBeInstanceOf(Date)

    // The verdicts stay while nothing is known, and follow what happened meanwhile.
    const told = vi.fn()
    objects.subscribe({ namespace, resource: 'deployments.apps' }, told)
    current = away
    await vi.waitFor(() => expect(told).toHaveBeenLastCalledWith({ kind: 'unknown' }), SOON)
    await api.patch(web(2))
    expect(await results()).toMatchObject([{ verdict: 'pass' }, { verdict: 'pass' }])
    current = real
    await untilResults([{ taskId: 'three', verdict: 'notYet', evidence: '2 of 2' }, { taskId: 'pods' }])
  } finally {
    await loop.stop()
    objects.stop()
    await Promise.all([api.delete(named(namespace)), api.delete(named(elsewhere))])
  }
})
