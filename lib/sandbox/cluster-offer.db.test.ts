import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeEach, expect, it } from 'vitest'
import type { Capability } from '#lib/capabilities/capability.ts'
import { no, type Report, unknown } from '#lib/capabilities/report.ts'
import { testReport } from '#lib/capabilities/testing.ts'
import { db } from '#lib/db/client.ts'
import { labAvailability } from '#lib/sandbox/lab-availability.ts'
import { ClusterOffer } from '#lib/sandbox/reconcile-capabilities.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { FakeCluster, loadTestLab, ownUser, testLab, testReconcile } from '#lib/sandbox/testing.ts'

beforeEach(async () => {
  await db().sandbox.deleteMany()
  await db().lease.deleteMany()
  await db().clusterStatus.deleteMany()
})
/** Other files' tests start labs on this database. */
afterAll(async () => {
  await db().clusterStatus.deleteMany()
})

/** A cluster whose probes end when and how the test says. */
function offerOf(options: { accepted?: Capability[] } = {}) {
  let offsetMs = 0
  const probes: PromiseWithResolvers<Report>[] = []
  const now = () => new Date(Date.now() + offsetMs)
  const offer = new ClusterOffer({
    probe: () => {
      const probe = Promise.withResolvers<Report>()
      probes.push(probe)
      return probe.promise
    },
    accepted: options.accepted ?? [],
    now,
    log: pino({ level: 'silent' }),
  })
  return {
    offer,
    probes,
    advance: (ms: number) => {
      offsetMs += ms
    },
    answer: async (report: Report | Error) => {
      const probe = probes.at(-1)
      if (report instanceof Error) probe?.reject(report)
      else probe?.resolve({ ...report, at: now().toISOString() })
      await offer.idle()
    },
  }
}

const start = (userId: string) =>
  startSandbox({ userId, labId: `challenges/test-${randomUUID().slice(0, 8)}`, loadLab: loadTestLab })
const lacking = testReport({ 'network-policy': no('packets pass') })

it('makes no machine before it is known what the cluster offers, and then does', async () => {
  await using user = await ownUser()
  const cluster = new FakeCluster()
  const { offer, probes, answer } = offerOf()
  const { settle } = testReconcile(cluster, { offer })
  const { id } = await start(user.userId)
  for (let i = 0; i < 3; i++) await settle()
  const row = () => db().sandbox.findUniqueOrThrow({ where: { id } })
  expect(await row()).toMatchObject({ state: 'queued', reason: expect.stringContaining('finding out') })
  expect(probes).toHaveLength(1)
  await answer(testReport())
  await settle()
  expect(await row()).toMatchObject({ state: 'provisioning', reason: null })
})

it('refuses what the cluster lacks: who waits is told, who starts is refused, who runs is left alone', async () => {
  await using user = await ownUser()
  await using other = await ownUser()
  const cluster = new FakeCluster()
  const { offer, answer } = offerOf()
  const { settle } = testReconcile(cluster, { offer })
  const { id, labId } = await start(user.userId)
  await settle()
  await answer(lacking)
  await settle()
  const reason = expect.stringContaining('does not keep the machines of different people apart')
  expect(await db().sandbox.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: 'failed', reason })
  expect(cluster.namespaces.size).toBe(0)
  await expect(start(other.userId)).rejects.toMatchObject({ code: 'lab-unavailable', userMessage: reason })
  expect((await labAvailability())(testLab.lab)).toEqual(reason)
  await db().sandbox.update({ where: { id }, data: { state: 'ready' } })
  expect(await startSandbox({ userId: user.userId, labId, loadLab: loadTestLab })).toMatchObject({ id })
})

it('is kept for this cluster and no other, across restarts', async () => {
  const first = offerOf()
  await first.offer.look('one')
  await first.answer(testReport())
  expect(first.offer.availability(testLab.lab)).toEqual({ kind: 'available' })
  const second = offerOf()
  await second.offer.look('one')
  expect(second.probes).toHaveLength(0)
  expect(second.offer.availability(testLab.lab)).toEqual({ kind: 'available' })
  await second.offer.look('two')
  expect(second.probes).toHaveLength(1)
  expect(second.offer.availability(testLab.lab)).toEqual({ kind: 'unknown' })
})

it('looks again soon while something is missing, and rarely where nothing is', async () => {
  const { offer, probes, advance, answer } = offerOf()
  const looks = async () => {
    await offer.look('one')
    return probes.length
  }
  expect(await looks()).toBe(1)
  await answer(new Error('no answer'))
  expect(await looks()).toBe(1)
  advance(6000)
  expect(await looks()).toBe(2)
  await answer(testReport({ exec: unknown('full') }))
  advance(31_000)
  expect(await looks()).toBe(3)
  await answer(lacking)
  expect(offer.availability(testLab.lab)).toMatchObject({ kind: 'lacking' })
  advance(60_000)
  expect(await looks()).toBe(3)
  advance(5 * 60_000)
  expect(await looks()).toBe(4)
  await answer(testReport())
  expect(offer.availability(testLab.lab)).toEqual({ kind: 'available' })
  advance(60 * 60_000)
  expect(await looks()).toBe(4)
  advance(6 * 60 * 60_000)
  expect(await looks()).toBe(5)
})

it('what was found stays when a later probe could not find it out', async () => {
  const { offer, advance, answer } = offerOf()
  await offer.look('one')
  await answer(testReport())
  advance(7 * 60 * 60_000)
  await offer.look('one')
  await answer(testReport({ 'network-policy': unknown('full'), exec: unknown('full') }))
  expect(offer.availability(testLab.lab)).toEqual({ kind: 'available' })
})

it('offers no lab on a cluster that could not be set up', async () => {
  await using user = await ownUser()
  await db().clusterStatus.create({ data: { id: 1, state: 'failed' } })
  expect((await labAvailability())(testLab.lab)).toContain('could not set up')
  await expect(start(user.userId)).rejects.toMatchObject({ code: 'lab-unavailable' })
  expect(await db().sandbox.count()).toBe(0)
})
