import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { extendSandbox } from '#lib/sandbox/extend-sandbox.ts'
import { findSandboxView, getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { resetSandbox } from '#lib/sandbox/reset-sandbox.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { loadTestLab, ownUser } from '#lib/sandbox/testing.ts'

const aLab = () => `challenges/test-${randomUUID().slice(0, 8)}`
const start = (userId: string, labId = aLab()) => startSandbox({ userId, labId, loadLab: loadTestLab })
const makeReady = (id: string) => db().sandbox.update({ where: { id }, data: { state: 'ready' } })

it('starts one sandbox however many ask at once', async () => {
  await using user = await ownUser()
  const labId = aLab()
  const views = await Promise.all(Array.from({ length: 12 }, () => start(user.userId, labId)))
  expect(new Set(views.map(({ id }) => id)).size).toBe(1)
  expect(await db().sandbox.count({ where: { userId: user.userId } })).toBe(1)
  expect(await db().attempt.count({ where: { userId: user.userId } })).toBe(1)
  expect(views[0]).toMatchObject({ state: 'queued', machines: [{ name: 'box', terminals: ['main'] }] })
  expect(views[0]?.waiting?.queuePosition).toBeGreaterThan(0)
  expect(views[0]?.tasks.map(({ verdict }) => verdict)).toEqual([null, 'waiting'])
})

it('keeps the limit of a person exactly, and says what to do', async () => {
  await using user = await ownUser()
  const limit = env().MAX_SANDBOXES_PER_USER
  const results = await Promise.allSettled(Array.from({ length: limit + 3 }, () => start(user.userId)))
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(3)
  expect(refused[0]?.reason).toMatchObject({ code: 'limit-reached', userMessage: expect.stringContaining('End one') })
})

it('knows no lab by a made-up name, and no sandbox of somebody else', async () => {
  await using owner = await ownUser()
  await using other = await ownUser()
  await expect(start(owner.userId, 'challenges/nothing')).rejects.toMatchObject({ code: 'not-found' })
  const { id: sandboxId } = await start(owner.userId)
  await makeReady(sandboxId)
  for (const foreign of [
    { userId: other.userId, sandboxId },
    { userId: owner.userId, sandboxId: "x' or '1'='1" },
  ]) {
    for (const use of [getSandboxView, endSandbox, extendSandbox]) {
      await expect(use(foreign)).rejects.toMatchObject({ code: 'not-found' })
    }
    await expect(resetSandbox({ ...foreign, loadLab: loadTestLab })).rejects.toMatchObject({ code: 'not-found' })
  }
})

it('ends once, however often it is asked', async () => {
  await using user = await ownUser()
  const { id: sandboxId } = await start(user.userId)
  await makeReady(sandboxId)
  const mine = { userId: user.userId, sandboxId }
  const views = await Promise.all([endSandbox(mine), endSandbox(mine), endSandbox(mine)])
  expect(views.map(({ state }) => state)).toEqual(['ending', 'ending', 'ending'])
  expect(await db().sandbox.findUniqueOrThrow({ where: { id: sandboxId } })).toMatchObject({ fence: 1 })
  await expect(extendSandbox(mine)).rejects.toMatchObject({ code: 'gone' })
})

it('ends a queued one at once: nothing of it is in the cluster', async () => {
  await using user = await ownUser()
  const { id: sandboxId } = await start(user.userId)
  expect(await endSandbox({ userId: user.userId, sandboxId })).toMatchObject({ state: 'ended' })
})

it('extends ten times and not once more', async () => {
  await using user = await ownUser()
  const view = await start(user.userId)
  const mine = { userId: user.userId, sandboxId: view.id }
  await expect(extendSandbox(mine)).rejects.toMatchObject({ code: 'gone' })
  await makeReady(view.id)
  let extended = view
  for (let left = 9; left >= 0; left--) {
    extended = await extendSandbox(mine)
    expect(extended.extensionsLeft).toBe(left)
  }
  expect(Date.parse(extended.expiresAt) - Date.parse(view.expiresAt)).toBe(100 * 60_000)
  await expect(extendSandbox(mine)).rejects.toMatchObject({ code: 'limit-reached' })
})

it('resets to a fresh sandbox of the same attempt, and only once of two clicks', async () => {
  await using user = await ownUser()
  const labId = aLab()
  const { id: sandboxId, attemptId } = await start(user.userId, labId)
  await makeReady(sandboxId)
  const at = new Date()
  await db().taskResult.create({
    data: {
      attemptId,
      taskId: 'one',
      verdict: 'pass',
      evidence: 'seen',
      firstPassAt: at,
      passedSince: at,
      evaluatedAt: at,
    },
  })
  const reset = () => resetSandbox({ userId: user.userId, sandboxId, loadLab: loadTestLab })
  const results = await Promise.allSettled([reset(), reset()])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const fresh = await findSandboxView({ userId: user.userId, labId })
  expect(fresh).toMatchObject({ state: 'queued', attemptId })
  expect(fresh?.id).not.toBe(sandboxId)
  expect(fresh?.tasks[0]).toMatchObject({ verdict: 'not-yet', evidence: '', wasTrueUntil: expect.any(String) })
  expect(await getSandboxView({ userId: user.userId, sandboxId })).toMatchObject({ state: 'ending' })
})

it('begins a new attempt after a solve, and goes on with an open one', async () => {
  await using user = await ownUser()
  const labId = aLab()
  const first = await start(user.userId, labId)
  await endSandbox({ userId: user.userId, sandboxId: first.id })
  const second = await start(user.userId, labId)
  expect(second.attemptId).toBe(first.attemptId)
  await endSandbox({ userId: user.userId, sandboxId: second.id })
  await db().attempt.update({ where: { id: first.attemptId }, data: { solvedAt: new Date() } })
  expect((await start(user.userId, labId)).attemptId).not.toBe(first.attemptId)
})
