import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { holdLease, releaseLease } from '#lib/sandbox/lease.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { FakeCluster, loadTestLab, ownUser, testReconcile } from '#lib/sandbox/testing.ts'
import { transition } from '#lib/sandbox/transition.ts'

async function started(userId: string) {
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id } = await startSandbox({ userId, labId, loadLab: loadTestLab })
  const { sys } = namespacesOf(id)
  return { id, sys, row: () => db().sandbox.findUniqueOrThrow({ where: { id } }) }
}

const podReady = (cluster: FakeCluster, sys: string) => {
  const pod = cluster.pods.get(sys)
  if (!pod) throw new Error(`no pod in ${sys}`)
  cluster.pods.set(sys, { ...pod, ready: true })
}

beforeEach(async () => {
  // This database is the tests' own (DATABASE_URL): rows of an earlier, interrupted run would be reconciled too.
  await db().sandbox.deleteMany()
  await db().lease.deleteMany()
  await db().clusterStatus.deleteMany()
})

async function readySandbox(userId: string) {
  const cluster = new FakeCluster()
  const loop = testReconcile(cluster)
  const sandbox = await started(userId)
  await loop.settle()
  podReady(cluster, sandbox.sys)
  await loop.settle()
  expect(await sandbox.row()).toMatchObject({ state: 'ready' })
  return { ...loop, cluster, ...sandbox }
}

describe('a sandbox', () => {
  it('goes from queued over provisioning to ready, created exactly once, its time counted from ready', async () => {
    await using user = await ownUser()
    const cluster = new FakeCluster()
    const loop = testReconcile(cluster)
    const { row, sys } = await started(user.userId)
    await loop.settle()
    expect(await row()).toMatchObject({ state: 'provisioning', clusterUid: cluster.uid })
    for (let i = 0; i < 3; i++) await loop.settle()
    expect(cluster.created).toHaveLength(1)
    podReady(cluster, sys)
    await loop.settle()
    const { usable } = await loop.settle()
    expect(usable).toHaveLength(1)
    const { readyAt, expiresAt } = await row()
    expect(expiresAt.getTime() - (readyAt?.getTime() ?? 0)).toBe(30 * 60_000)
  })

  it('is ended only when its namespace is gone', async () => {
    await using user = await ownUser()
    const { cluster, id, sys, row, settle } = await readySandbox(user.userId)
    cluster.deleteNamespace = async ({ name }) => void cluster.deleted.push(name)
    await endSandbox({ userId: user.userId, sandboxId: id })
    await settle()
    await settle()
    expect(cluster.deleted).toEqual([sys])
    expect(await row()).toMatchObject({ state: 'ending' })
    cluster.namespaces.clear()
    cluster.pods.clear()
    await settle()
    expect(await row()).toMatchObject({ state: 'ended', reason: 'You ended it.', endedAt: expect.any(Date) })
  })

  it('expires', async () => {
    await using user = await ownUser()
    const { row, settle, advance } = await readySandbox(user.userId)
    advance(29 * 60_000)
    await settle()
    expect(await row()).toMatchObject({ state: 'ready' })
    advance(2 * 60_000)
    for (let i = 0; i < 3; i++) await settle()
    expect(await row()).toMatchObject({ state: 'ended', reason: 'The time was up.' })
  })

  it.each([
    [
      'ran out of memory',
      { ready: false, terminated: true, problem: 'The machine ran out of memory and was stopped.' },
    ],
    ['was evicted', { ready: false, terminated: true, problem: 'The machine was evicted: it used more disk.' }],
  ])('is lost with a reason when its machine %s, and swept', async (_, fate) => {
    await using user = await ownUser()
    const { cluster, row, sys, settle } = await readySandbox(user.userId)
    const pod = cluster.pods.get(sys)
    if (pod) cluster.pods.set(sys, { ...pod, ...fate })
    await settle()
    expect(await row()).toMatchObject({ state: 'lost', reason: fate.problem })
    await settle()
    expect(cluster.namespaces.size).toBe(0)
  })

  it('is degraded while the cluster does not answer, and ready again after', async () => {
    await using user = await ownUser()
    const { reconcile, row, settle } = await readySandbox(user.userId)
    reconcile.observed.lost()
    await reconcile.tick()
    expect(await row()).toMatchObject({ state: 'degraded', reason: expect.stringContaining('does not answer') })
    expect(await db().clusterStatus.findUniqueOrThrow({ where: { id: 1 } })).toMatchObject({ state: 'unreachable' })
    await settle()
    expect(await row()).toMatchObject({ state: 'ready', reason: null })
    expect(await db().clusterStatus.findUniqueOrThrow({ where: { id: 1 } })).toMatchObject({ state: 'ready' })
  })

  it('is lost when another cluster answers, and not before that one says who it is', async () => {
    await using user = await ownUser()
    const { cluster, row, settle } = await readySandbox(user.userId)
    cluster.pods.clear()
    cluster.namespaces.clear()
    cluster.identity = async () => {
      throw new AppError('cluster-unavailable', 'not now')
    }
    await settle()
    expect(await row()).toMatchObject({ state: 'ready' })
    cluster.identity = async () => 'another'
    await settle()
    expect(await row()).toMatchObject({ state: 'lost', reason: expect.stringContaining('restarted') })
  })

  it('is lost when its machine is deleted, but a failing list of namespaces says nothing', async () => {
    await using user = await ownUser()
    const { cluster, row, settle } = await readySandbox(user.userId)
    cluster.pods.clear()
    const { listNamespaces } = cluster
    cluster.listNamespaces = async () => {
      throw new AppError('cluster-unavailable', 'not now')
    }
    await settle()
    expect(await row()).toMatchObject({ state: 'ready' })
    cluster.listNamespaces = listNamespaces
    await settle()
    expect(await row()).toMatchObject({ state: 'lost', reason: 'The machine was deleted.' })
  })
})

describe('queue and provisioning', () => {
  it('waits for images and for a cluster that is still being booted', async () => {
    await using user = await ownUser()
    const cluster = new FakeCluster()
    const { row, sys } = await started(user.userId)
    const without = testReconcile(cluster, {
      images: () => {
        throw new AppError('cluster-unavailable', 'none', { userMessage: 'The machine images are not built yet.' })
      },
    })
    await without.settle()
    expect(await row()).toMatchObject({ state: 'queued', reason: 'The machine images are not built yet.' })
    await without.reconcile.stop()
    await db().clusterStatus.update({ where: { id: 1 }, data: { state: 'booting' } })
    const loop = testReconcile(cluster)
    await loop.settle()
    expect(cluster.namespaces.has(sys)).toBe(false)
    await db().clusterStatus.update({ where: { id: 1 }, data: { state: 'ready' } })
    await loop.settle()
    expect(cluster.namespaces.has(sys)).toBe(true)
  })

  it('fails with the named reason when a machine cannot start in time', async () => {
    await using user = await ownUser()
    const cluster = new FakeCluster()
    const { settle, advance } = testReconcile(cluster)
    const { row, sys } = await started(user.userId)
    await settle()
    const pod = cluster.pods.get(sys)
    if (pod) cluster.pods.set(sys, { ...pod, problem: 'A machine image cannot be fetched.' })
    await settle()
    expect(await row()).toMatchObject({ state: 'provisioning', reason: 'A machine image cannot be fetched.' })
    advance(4 * 60_000)
    await settle()
    expect(await row()).toMatchObject({ state: 'failed', reason: 'A machine image cannot be fetched.' })
    await settle()
    expect(cluster.namespaces.size).toBe(0)
  })

  it('is finished by the next reconciler when one dies between any two steps', async () => {
    await using user = await ownUser()
    const cluster = new FakeCluster()
    const first = testReconcile(cluster)
    const { row, sys } = await started(user.userId)
    cluster.refuse = new Error('killed')
    await first.settle()
    expect(await row()).toMatchObject({ state: 'provisioning' })
    cluster.refuse = null
    await first.reconcile.stop()
    const second = testReconcile(cluster)
    await second.settle()
    podReady(cluster, sys)
    await second.settle()
    expect(await row()).toMatchObject({ state: 'ready' })
    expect(cluster.created).toHaveLength(1)
  })

  it('ends cleanly when it is ended while being made', async () => {
    await using user = await ownUser()
    const cluster = new FakeCluster()
    const { settle } = testReconcile(cluster)
    const { id, row } = await started(user.userId)
    await settle()
    await endSandbox({ userId: user.userId, sandboxId: id })
    for (let i = 0; i < 3; i++) await settle()
    expect(await row()).toMatchObject({ state: 'ended' })
    expect(cluster.namespaces.size).toBe(0)
  })
})

describe('leases and fences', () => {
  it('lets one reconciler act at a time, and refuses one that slept too long', async () => {
    await using user = await ownUser()
    const cluster = new FakeCluster()
    const [awake, asleep] = [testReconcile(cluster), testReconcile(cluster)]
    const { id } = await started(user.userId)
    const { lease } = await asleep.settle()
    expect(lease).not.toBeNull()
    expect((await awake.settle()).lease).toBeNull()
    await asleep.reconcile.stop()
    expect((await awake.settle()).lease).toMatchObject({ token: (lease?.token ?? 0) + 1 })
    const read = await db().sandbox.findUniqueOrThrow({ where: { id } })
    const late = await transition(read, { to: 'lost', reason: 'late' }, lease ?? { name: 'reconciler', token: 0 })
    expect(late).toBe(false)
  })

  it('raises the token with each change of holder and not with a renewal', async () => {
    const name = `test-${randomUUID()}`
    const first = await holdLease({ name, holder: 'a', ttlMs: 60_000 })
    expect(await holdLease({ name, holder: 'a', ttlMs: 60_000 })).toEqual(first)
    expect(await holdLease({ name, holder: 'b', ttlMs: 60_000 })).toBeNull()
    if (first) await releaseLease(first)
    expect(await holdLease({ name, holder: 'b', ttlMs: 60_000 })).toEqual({ name, token: 2 })
  })

  it('changes a row for one of two that read the same fence', async () => {
    await using user = await ownUser()
    const { id, row } = await started(user.userId)
    const read = await row()
    const both = await Promise.all([
      transition(read, { to: 'provisioning', reason: null }),
      transition(read, { to: 'ended', reason: 'You ended it.' }),
    ])
    expect(both.toSorted()).toEqual([false, true])
    expect(await transition({ ...read, state: 'ended' }, { to: 'ready', reason: null })).toBe(false)
    expect((await row()).id).toBe(id)
  })
})

it('sweeps what no row knows, after a while, and leaves what is new or live', async () => {
  await using user = await ownUser()
  const { cluster, sys, reconcile } = await readySandbox(user.userId)
  const stray = (name: string, ageMs: number) => {
    const createdAt = new Date(Date.now() - ageMs)
    cluster.namespaces.set(name, { name, uid: name, sandboxId: name, createdAt, terminating: false })
  }
  stray('old', 61_000)
  stray('young', 1000)
  await reconcile.stop()
  await testReconcile(cluster).settle()
  expect([...cluster.namespaces.keys()].toSorted()).toEqual([sys, 'young'].toSorted())
})
