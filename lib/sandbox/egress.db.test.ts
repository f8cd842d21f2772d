import { randomUUID } from 'node:crypto'
import { beforeEach, expect, it, vi } from 'vitest'
import { db } from '#lib/db/client.ts'
import { labDigest } from '#lib/labs/digest.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { labAvailability } from '#lib/sandbox/lab-availability.ts'
import { type LoadLab, startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { FakeCluster, ownUser, testLab, testReconcile } from '#lib/sandbox/testing.ts'

vi.hoisted(() => {
  process.env.DRYDOCK_EGRESS_HOSTS = 'mirror.example'
})

const lab = (host: string) => ({ ...testLab, lab: { ...testLab.lab, egress: [host] } })
const loads =
  (host: string): LoadLab =>
  async (labId) => ({ definition: lab(host), digest: labDigest(labId, lab(host)) })
const start = (userId: string, host: string) =>
  startSandbox({ userId, labId: `challenges/test-${randomUUID()}`, loadLab: loads(host) })
const row = (id: string) => db().sandbox.findUniqueOrThrow({ where: { id } })

beforeEach(async () => {
  // This database is the tests' own (DATABASE_URL): rows of an earlier, interrupted run would be reconciled too.
  await db().sandbox.deleteMany()
  await db().lease.deleteMany()
  await db().clusterStatus.deleteMany()
})

class Recording extends FakeCluster {
  readonly asked: Manifest[][] = []
  override async create(manifests: Manifest[]): Promise<void> {
    this.asked.push(manifests)
    await super.create(manifests)
  }
  get outside() {
    return this.asked.map((all) => all.find(({ metadata: { name } }) => name === 'outside')?.spec)
  }
}
const to = (address: string) => ({ egress: [{ to: [{ ipBlock: { cidr: `${address}/32` } }] }] })

it('waits for a name that leads nowhere, and keeps the addresses that it found', async () => {
  await using user = await ownUser()
  const cluster = new Recording()
  let addresses = ['10.0.0.7']
  const resolve = async () => addresses
  const { settle } = testReconcile(cluster, { resolve })
  const { id } = await start(user.userId, 'mirror.example')
  await settle()
  await settle()
  expect(await row(id)).toMatchObject({
    state: 'queued',
    reason: expect.stringContaining('mirror.example'),
    egress: null,
  })
  expect(cluster.asked).toEqual([])

  addresses = ['203.0.113.10']
  const other = testReconcile(cluster, { resolve, holder: 'first' })
  await vi.waitFor(async () => {
    await settle()
    expect(await row(id)).toMatchObject({ state: 'provisioning', egress: [{ addresses }] })
  }, 10_000)

  // Another process takes it over when the name leads elsewhere: its objects are made once more, and are the same.
  addresses = ['203.0.113.99']
  cluster.pods.clear()
  await db().lease.deleteMany()
  await vi.waitFor(async () => {
    await other.settle()
    expect(cluster.asked.length).toBeGreaterThan(1)
  }, 10_000)
  expect(cluster.outside).toEqual(cluster.asked.map(() => expect.objectContaining({ policyTypes: ['Egress'] })))
  for (const spec of cluster.outside) expect(spec).toMatchObject(to('203.0.113.10'))
})

it('shows a lab with any other host as unavailable, and does not start it', async () => {
  await using user = await ownUser()
  const reason = expect.stringContaining('other.example')
  expect((await labAvailability())(lab('other.example').lab)).toEqual(reason)
  expect((await labAvailability())(lab('mirror.example').lab)).toBe(null)
  const refused = { code: 'lab-unavailable', userMessage: reason }
  await expect(start(user.userId, 'other.example')).rejects.toMatchObject(refused)
  expect(await db().sandbox.count({ where: { userId: user.userId } })).toBe(0)
})

it('shows an image that the operator does not list the same way', async () => {
  const machines = [{ name: 'box', profile: 'shell' as const, terminals: ['main'], image: 'registry.example/box:1' }]
  expect((await labAvailability())({ ...testLab.lab, machines })).toContain('registry.example/box:1')
})
