import { randomUUID } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import { keepGuestWork } from '#lib/account/keep-guest-work.ts'
import { startAsGuest } from '#lib/account/start-as-guest.ts'
import { sweepGuests } from '#lib/account/sweep-guests.ts'
import { beginSession } from '#lib/auth/begin-session.ts'
import { unrevoked } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { findSandboxView, getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { FakeCluster, loadTestLab, ownUser, testReconcile } from '#lib/sandbox/testing.ts'

const MINUTE = 60_000
const LAB = 'challenges/test-home'

beforeEach(async () => {
  await db().sandbox.deleteMany()
  await db().user.deleteMany({ where: { role: 'guest' } })
  await db().lease.deleteMany()
  await db().clusterStatus.deleteMany()
})

const guests = () => db().user.count({ where: { role: 'guest' } })
const from = (given: { guestId?: string; address?: string; places?: number; labId?: string } = {}) =>
  startAsGuest({ guestId: null, address: randomUUID(), labId: LAB, loadLab: loadTestLab, places: 3, ...given })

/** A guest at work: one task done on a machine that is there for five minutes. */
async function atWork() {
  const { userId, view } = await from()
  const { id: sandboxId, attemptId } = view
  const readyAt = new Date(Date.now() - 5 * MINUTE)
  const expiresAt = new Date(readyAt.getTime() + 10 * MINUTE)
  await db().sandbox.update({ where: { id: sandboxId }, data: { state: 'ready', readyAt, expiresAt } })
  const pass = { verdict: 'pass', evidence: 'seen', evaluatedAt: readyAt } as const
  await db().taskResult.create({
    data: { attemptId, taskId: 'one', ...pass, firstPassAt: readyAt, passedSince: readyAt },
  })
  await db().hintUse.create({ data: { attemptId, taskId: 'one', index: 0 } })
  await db().verdict.create({ data: { sandboxId, taskId: 'one', ...pass, durationMs: 5, checkerVersion: '1' } })
  return { guestId: userId, sandboxId, attemptId, readyAt }
}

it('gives strangers as many machines as there are places, however many ask at once, and makes nobody else', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 8 }, () => from()))
  const refused = asked.filter((one) => one.status === 'rejected').map(({ reason }) => reason)
  expect(refused).toHaveLength(5)
  for (const reason of refused) {
    expect(reason).toMatchObject({ code: 'limit-reached', userMessage: expect.stringContaining('3 places for guests') })
  }
  expect(await guests()).toBe(3)
  expect(await db().sandbox.count()).toBe(3)
  await expect(from({ places: 0 })).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(from({ labId: 'nothing' })).rejects.toMatchObject({ code: 'not-found' })
  expect(await guests()).toBe(3)
})

it('keeps a guest at one machine, and at one attempt when it ended and they begin again', async () => {
  const { userId: guestId, view } = await from({ places: 1 })
  const again = await Promise.all([from({ guestId, places: 1 }), from({ guestId, places: 1, labId: `${LAB}-other` })])
  for (const { userId, view: same } of again) expect({ userId, id: same.id }).toEqual({ userId: guestId, id: view.id })
  await endSandbox({ userId: guestId, sandboxId: view.id })
  const next = await from({ guestId, places: 1 })
  expect(next).toMatchObject({ userId: guestId, view: { attemptId: view.attemptId, guest: true } })
  expect(next.view.id).not.toBe(view.id)
  expect(await guests()).toBe(1)
})

it('takes six an hour from one address, and does not count who got nothing', async () => {
  const address = `2001:db8::${randomUUID()}`
  await from({ places: 1 })
  for (let n = 0; n < 9; n++)
    await expect(from({ address, places: 1 })).rejects.toMatchObject({ code: 'limit-reached' })
  for (let n = 0; n < 6; n++) await from({ address, places: 20 })
  await expect(from({ address, places: 20 })).rejects.toMatchObject({
    code: 'limit-reached',
    userMessage: expect.stringContaining('network address'),
  })
  expect(await guests()).toBe(7)
})

it('gives a guest’s machine ten minutes and no more', async () => {
  const { userId, view } = await from()
  const cluster = new FakeCluster()
  const { reconcile, settle, advance } = testReconcile(cluster)
  await settle()
  for (const pod of cluster.pods.values()) pod.ready = true
  await settle()
  await settle()
  const { readyAt, expiresAt } = await db().sandbox.findUniqueOrThrow({ where: { id: view.id } })
  expect(expiresAt.getTime() - (readyAt?.getTime() ?? 0)).toBe(10 * MINUTE)
  expect(await getSandboxView({ userId, sandboxId: view.id })).toMatchObject({ state: 'ready', extensionsLeft: 0 })
  advance(10 * MINUTE)
  for (let n = 0; n < 4; n++) await settle()
  expect(cluster.namespaces.size).toBe(0)
  await reconcile.stop()
})

it('hands everything over to the account, once, and the machine with an account’s time', async () => {
  await using account = await ownUser()
  const { userId } = account
  const { guestId, sandboxId, attemptId, readyAt } = await atWork()
  const session = await beginSession({ userId: guestId, userAgent: '' })
  expect(await unrevoked(session)).toMatchObject({ id: guestId, role: 'guest' })
  await Promise.all([keepGuestWork({ guestId, userId }), keepGuestWork({ guestId, userId })])
  expect(await findSandboxView({ userId, labId: LAB })).toMatchObject({
    id: sandboxId,
    attemptId,
    state: 'ready',
    guest: false,
    expiresAt: new Date(readyAt.getTime() + 30 * MINUTE).toISOString(),
    extensionsLeft: 10,
    tasks: [{ id: 'one', verdict: 'pass', hints: ['look'] }, { id: 'two' }],
  })
  expect(await db().verdict.count({ where: { sandboxId } })).toBe(1)
  expect(await guests()).toBe(0)
  expect(await unrevoked(session)).toBeNull()
  await expect(getSandboxView({ userId: guestId, sandboxId })).rejects.toMatchObject({ code: 'not-found' })
})

it('leaves the account’s own machine and results as they are, and loses no pass of either', async () => {
  await using account = await ownUser()
  const { userId } = account
  const own = await startSandbox({ userId, labId: LAB, loadLab: loadTestLab })
  const seen = { verdict: 'pass', evidence: 'mine', evaluatedAt: new Date(), passedSince: new Date() } as const
  await db().taskResult.create({ data: { attemptId: own.attemptId, taskId: 'two', ...seen } })
  const { guestId, sandboxId, attemptId } = await atWork()
  await keepGuestWork({ guestId, userId })
  expect(await findSandboxView({ userId, labId: LAB })).toMatchObject({ id: own.id, state: 'queued' })
  expect(await getSandboxView({ userId, sandboxId })).toMatchObject({ state: 'ending' })
  const results = await db().taskResult.findMany({ where: { attempt: { userId } }, orderBy: { taskId: 'asc' } })
  expect(results).toMatchObject([
    { attemptId, taskId: 'one', verdict: 'pass' },
    { attemptId: own.attemptId, taskId: 'two', verdict: 'pass', evidence: 'mine' },
  ])
})

it('hands over what has ended, and what still waits for its machine', async () => {
  await using account = await ownUser()
  const { userId } = account
  const ended = await atWork()
  await db().sandbox.update({ where: { id: ended.sandboxId }, data: { state: 'ended', endedAt: new Date() } })
  const waiting = await from()
  await keepGuestWork({ ...ended, userId })
  await keepGuestWork({ guestId: waiting.userId, userId })
  expect(await findSandboxView({ userId, labId: LAB })).toMatchObject({ id: waiting.view.id, state: 'queued' })
  expect(await getSandboxView({ userId, sandboxId: ended.sandboxId })).toMatchObject({
    tasks: [{ verdict: 'pass' }, {}],
  })
  // A third one, while that one waits: never in the cluster, so over at once.
  const third = await from()
  await keepGuestWork({ guestId: third.userId, userId })
  expect(await getSandboxView({ userId, sandboxId: third.view.id })).toMatchObject({ state: 'ended' })
  expect(await guests()).toBe(0)
})

it('takes nothing from who has an account', async () => {
  await using mine = await ownUser()
  await using other = await ownUser()
  const { id: sandboxId } = await startSandbox({ ...other, labId: LAB, loadLab: loadTestLab })
  await keepGuestWork({ guestId: other.userId, userId: mine.userId })
  expect(await getSandboxView({ userId: other.userId, sandboxId })).toMatchObject({ state: 'queued' })
})

it('sweeps guests an hour after their last machine, and ends what nobody waits for', async () => {
  await using account = await ownUser()
  await startSandbox({ ...account, labId: LAB, loadLab: loadTestLab })
  const working = await atWork()
  const gone = await atWork()
  await db().sandbox.update({ where: { id: gone.sandboxId }, data: { state: 'ended', endedAt: new Date() } })
  const absent = await from({ places: 5 })
  const patient = await from({ places: 5 })
  const { sid } = await beginSession({ userId: patient.userId, userAgent: '' })
  const later = (minutes: number) => new Date(Date.now() + minutes * MINUTE)
  await db().signIn.update({ where: { id: sid }, data: { lastSeenAt: later(10) } })
  const stateOf = async (id: string) => (await db().sandbox.findUnique({ where: { id } }))?.state

  expect(await sweepGuests({ now: later(14) })).toBe(0)
  expect(await stateOf(absent.view.id)).toBe('queued')
  expect(await sweepGuests({ now: later(20) })).toBe(0)
  expect(await stateOf(absent.view.id)).toBe('ended')
  expect(await stateOf(patient.view.id)).toBe('queued')

  expect(await Promise.all([sweepGuests({ now: later(61) }), sweepGuests({ now: later(61) })])).toContain(1)
  expect(await db().user.findUnique({ where: { id: gone.guestId } })).toBeNull()
  expect(await db().attempt.findUnique({ where: { id: gone.attemptId } })).toBeNull()
  expect(await stateOf(working.sandboxId)).toBe('ready')
  expect(await db().sandbox.count({ where: { userId: account.userId } })).toBe(1)
})
