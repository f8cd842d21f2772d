import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import type { PodStatus } from '#lib/sandbox/cluster-port.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { holdLease, releaseLease } from '#lib/sandbox/lease.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { NEVER_ROOM, NO_ROOM } from '#lib/sandbox/problems.ts'
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

async function queuedSandbox(userId: string) {
  const cluster = new FakeCluster()
  const loop = testReconcile(cluster)
  const sandbox = await started(userId)
  /** What the cluster says of its machine from now on. */
  const fate = (status: Partial<PodStatus>) => {
    const pod = cluster.pods.get(sandbox.sys)
    if (!pod) throw new Error(`no pod in ${sandbox.sys}`)
    cluster.pods.set(sandbox.sys, { ...pod, ...status })
  }
  return { ...loop, cluster, ...sandbox, fate }
}

async function provisioningSandbox(userId: string) {
  const sandbox = await queuedSandbox(userId)
  await sandbox.settle()
  expect(await sandbox.row()).toMatchObject({ state: 'provisioning' })
  return sandbox
}

async function readySandbox(userId: string) {
  const sandbox = await provisioningSandbox(userId)
  podReady(sandbox.cluster, sandbox.sys)
  await sandbox.settle()
  expect(await sandbox.row()).toMatchObject({ state: 'ready' })
  return sandbox
}

/** A clock of the process on which the time between two tries has always gone by. */
const laterEachTime = () => {
  let now = performance.now()
  return () => (now += 60_000)
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
    ['out-of-memory', '256Mi', 'Your machine used more memory than it has (256 MiB), and was stopped.'],
    ['out-of-disk', '1Gi', 'Your machine wrote more than fits on its disk (1 GiB), and was stopped.'],
    ['node-gone', 'drained', 'The node under your machine went away. That was not your doing.'],
  ] as const)('is lost with a reason about the machine (%s), and swept', async (kind, detail, reason) => {
    await using user = await ownUser()
    const { cluster, row, settle, fate } = await readySandbox(user.userId)
    fate({ ready: false, terminated: true, problem: { kind, detail } })
    await settle()
    expect(await row()).toMatchObject({ state: 'lost', reason, endedAt: expect.any(Date) })
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

  it('tries for a while to get an image, then fails with the reason, and leaves nothing', async () => {
    await using user = await ownUser()
    const { cluster, settle, advance, row, fate } = await provisioningSandbox(user.userId)
    fate({ problem: { kind: 'image-unavailable', detail: 'i/o timeout' } })
    await settle()
    const reason = 'The image of your machine cannot be fetched right now; trying again.'
    expect(await row()).toMatchObject({ state: 'provisioning', reason })
    advance(4 * 60_000)
    await settle()
    expect(await row()).toMatchObject({ state: 'failed', reason })
    await settle()
    expect(cluster.namespaces.size).toBe(0)
  })

  it('fails at once for an image that does not exist, and can be started anew', async () => {
    await using user = await ownUser()
    const { cluster, settle, row, fate } = await provisioningSandbox(user.userId)
    fate({ problem: { kind: 'image-missing', detail: 'x: not found' } })
    await settle()
    const { labId, state, reason } = await row()
    expect({ state, reason }).toEqual({ state: 'failed', reason: expect.stringContaining('does not exist') })
    await settle()
    expect(cluster.namespaces.size).toBe(0)
    expect(await startSandbox({ userId: user.userId, labId, loadLab: loadTestLab })).toMatchObject({ state: 'queued' })
  })

  it('fails with words when the cluster refuses the machine for good', async () => {
    await using user = await ownUser()
    const { cluster, settle, row } = await queuedSandbox(user.userId)
    cluster.refuse = new AppError('lab-unavailable', 'exceeded quota', {
      userMessage: 'It asks for more than allowed.',
    })
    vi.spyOn(performance, 'now').mockImplementation(laterEachTime())
    for (let i = 0; i < 3; i++) await settle()
    expect(await row()).toMatchObject({ state: 'failed', reason: 'It asks for more than allowed.' })
  })

  it('waits in line while nodes are full, first come first served, however long, and goes on when there is room', async () => {
    await using user = await ownUser()
    const { cluster, settle, advance, row, sys, fate, id } = await provisioningSandbox(user.userId)
    fate({ problem: { kind: 'no-room', detail: '0/1 nodes are available: 1 Insufficient memory.' } })
    await settle()
    const later = await started(user.userId)
    for (let i = 0; i < 3; i++) await settle()
    advance(60 * 60_000)
    for (let i = 0; i < 3; i++) await settle()
    expect(await row()).toMatchObject({ state: 'provisioning', reason: NO_ROOM })
    expect(cluster.namespaces.has(later.sys)).toBe(false)
    const view = (sandboxId: string) => getSandboxView({ userId: user.userId, sandboxId })
    expect(await view(id)).toMatchObject({ state: 'queued', waiting: { queuePosition: 1, detail: NO_ROOM } })
    expect(await view(later.id)).toMatchObject({ state: 'queued', waiting: { queuePosition: 2 } })
    fate({ problem: null })
    await settle()
    expect(await row()).toMatchObject({ state: 'provisioning', reason: null })
    podReady(cluster, sys)
    for (let i = 0; i < 2; i++) await settle()
    expect(await row()).toMatchObject({ state: 'ready' })
    expect(cluster.namespaces.has(later.sys)).toBe(true)
  })

  it('fails after a while what fits on no node at all', async () => {
    await using user = await ownUser()
    const { cluster, settle, advance, row, fate } = await provisioningSandbox(user.userId)
    cluster.fits = async () => false
    fate({ problem: { kind: 'no-room', detail: '' } })
    for (let i = 0; i < 3; i++) await settle()
    expect(await row()).toMatchObject({ state: 'provisioning', reason: NO_ROOM })
    advance(4 * 60_000)
    await settle()
    expect(await row()).toMatchObject({ state: 'failed', reason: NEVER_ROOM })
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
    cluster.namespaces.set(name, { name, uid: name, sandboxId: name, createdAt, terminatingSince: null })
  }
  stray('old', 61_000)
  stray('young', 1000)
  await reconcile.stop()
  await testReconcile(cluster).settle()
  expect([...cluster.namespaces.keys()].toSorted()).toEqual([sys, 'young'].toSorted())
})

it('takes finalizers off what holds a namespace, after a while', async () => {
  await using user = await ownUser()
  const { cluster, id, row, settle, advance, reconcile } = await readySandbox(user.userId)
  cluster.deleteNamespace = async ({ name }) => {
    const found = cluster.namespaces.get(name)
    if (found) cluster.namespaces.set(name, { ...found, terminatingSince: found.terminatingSince ?? new Date() })
  }
  const released: string[] = []
  cluster.releaseNamespace = async ({ name }) => {
    released.push(name)
    cluster.namespaces.delete(name)
    return 1
  }
  await endSandbox({ userId: user.userId, sandboxId: id })
  for (let i = 0; i < 2; i++) await settle()
  expect(released).toEqual([])
  advance(11_000)
  // Another process's sweeper, which is due.
  await reconcile.stop()
  const next = testReconcile(cluster, { now: () => new Date(Date.now() + 11_000) })
  for (let i = 0; i < 2; i++) await next.settle()
  expect(released).toHaveLength(1)
  expect(await row()).toMatchObject({ state: 'ended', reason: 'You ended it.' })
})
