import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { db } from '#lib/db/client.ts'
import { getDebrief } from '#lib/progress/get-debrief.ts'
import { getProgress } from '#lib/progress/get-progress.ts'
import { openHint } from '#lib/progress/open-hint.ts'
import { recordLessonVisit } from '#lib/progress/record-lesson-visit.ts'
import { revealSolution } from '#lib/progress/reveal-solution.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { loadTestLab, ownUser } from '#lib/sandbox/testing.ts'

/** A user with a fresh attempt at a lab whose task `one` has two hints. */
async function attempt() {
  const { userId, ...user } = await ownUser()
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id: sandboxId, attemptId } = await startSandbox({ userId, labId, loadLab: loadTestLab })
  return { userId, labId, sandboxId, attemptId, ...user }
}

it('opens hints one by one, and then there are no more', async () => {
  await using mine = await attempt()
  const { userId, attemptId } = mine
  const next = () => openHint({ userId, attemptId, taskId: 'one' })
  expect((await next()).tasks[0]).toMatchObject({ hints: ['look'], hintsTotal: 2 })
  expect((await next()).tasks[0]?.hints).toEqual(['look', 'look closer'])
  await expect(next()).rejects.toMatchObject({ code: 'bad-request', userMessage: 'That was the last hint.' })
  await expect(openHint({ userId, attemptId, taskId: 'two' })).rejects.toMatchObject({ code: 'bad-request' })
  expect(await db().hintUse.count({ where: { attemptId } })).toBe(2)
})

it('opens one hint for one click, however often the click arrives', async () => {
  await using mine = await attempt()
  const { userId, attemptId } = mine
  const click = () => openHint({ userId, attemptId, taskId: 'one', index: 0 })
  await Promise.all([click(), click(), click()])
  expect((await click()).tasks[0]?.hints).toEqual(['look'])
  await Promise.allSettled([1, 2, 3].map(() => openHint({ userId, attemptId, taskId: 'one' })))
  expect(await db().hintUse.count({ where: { attemptId } })).toBeLessThanOrEqual(2)
})

it('skips none, and knows no task by a made-up name', async () => {
  await using mine = await attempt()
  const { userId, attemptId } = mine
  await expect(openHint({ userId, attemptId, taskId: 'one', index: 1 })).rejects.toMatchObject({ code: 'bad-request' })
  await expect(openHint({ userId, attemptId, taskId: 'x' })).rejects.toMatchObject({ code: 'not-found' })
})

it('gives neither hint nor solution nor look back of somebody else', async () => {
  await using mine = await attempt()
  await using other = await ownUser()
  const foreign = { userId: other.userId, attemptId: mine.attemptId }
  await expect(openHint({ ...foreign, taskId: 'one' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(revealSolution(foreign)).rejects.toMatchObject({ code: 'not-found' })
  await db().attempt.update({ where: { id: mine.attemptId }, data: { solvedAt: new Date() } })
  expect(await getDebrief(foreign)).toBeNull()
  expect(await db().attempt.findUnique({ where: { id: mine.attemptId } })).toMatchObject({ assisted: false })
})

it('marks an attempt assisted when its solution is shown before the solve, and never after', async () => {
  await using before = await attempt()
  await using after = await attempt()
  expect(await getDebrief(before)).toBeNull()
  expect(await revealSolution(before)).toEqual({ assisted: true })
  expect(await getDebrief(before)).toMatchObject({ solved: false, assisted: true })
  await db().attempt.update({ where: { id: after.attemptId }, data: { solvedAt: new Date() } })
  expect(await revealSolution(after)).toEqual({ assisted: false })
})

it('counts time from the first machine to the solve, and hints', async () => {
  await using mine = await attempt()
  const { userId, attemptId, sandboxId } = mine
  await openHint({ userId, attemptId, taskId: 'one' })
  await db().sandbox.update({ where: { id: sandboxId }, data: { readyAt: new Date('2030-01-01T10:00:00Z') } })
  await db().attempt.update({ where: { id: attemptId }, data: { solvedAt: new Date('2030-01-01T10:12:00Z') } })
  expect(await getDebrief(mine)).toEqual({ solved: true, assisted: false, timeUsedSeconds: 720, hintsUsed: 1 })
  const { attempts } = await getProgress({ userId })
  expect(attempts).toMatchObject([{ labId: mine.labId, solved: true, running: true, timeUsedSeconds: 720 }])
})

it('remembers a lesson once, with its last visit', async () => {
  await using user = await ownUser()
  const visit = { userId: user.userId, lessonId: 'courses/a/b' }
  await Promise.all([recordLessonVisit(visit), recordLessonVisit(visit), recordLessonVisit(visit)])
  expect((await getProgress(user)).visits).toHaveLength(1)
})
