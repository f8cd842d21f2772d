import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { deleteAccount } from '#lib/account/delete-account.ts'
import { endAllSessions, endSession } from '#lib/account/end-session.ts'
import { exportAccount } from '#lib/account/export-account.ts'
import { getAccount } from '#lib/account/get-account.ts'
import { renameUser } from '#lib/account/rename-user.ts'
import { beginSession } from '#lib/auth/begin-session.ts'
import { unrevoked } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { FakeCluster, loadTestLab, testReconcile } from '#lib/sandbox/testing.ts'

/** A person with something of everything, and what is left of them afterwards. */
async function aPerson() {
  const mark = randomUUID().slice(0, 8)
  const { id: userId } = await db().user.create({
    data: {
      name: `<b>${mark}</b>`,
      email: `${mark}@example.org`,
      accounts: { create: { type: 'oauth', provider: 'oidc', providerAccountId: mark, access_token: 'never-shown' } },
      lessonVisits: { create: { lessonId: 'a/b' } },
    },
  })
  const token = await beginSession({ userId, userAgent: 'curl/8' })
  const labId = `challenges/test-${mark}`
  const { id: sandboxId, attemptId } = await startSandbox({ userId, labId, loadLab: loadTestLab })
  const judged = { taskId: 'one', verdict: 'pass', evidence: 'seen', evaluatedAt: new Date() } as const
  await db().taskResult.create({ data: { attemptId, ...judged } })
  await db().hintUse.create({ data: { attemptId, taskId: 'one', index: 0 } })
  await db().verdict.createMany({
    data: Array.from({ length: 1203 }, () => ({ sandboxId, ...judged, durationMs: 5, checkerVersion: '1' })),
  })
  await db().verificationToken.create({ data: { identifier: `${mark}@example.org`, token: mark, expires: new Date() } })
  await rateLimit('write', userId)
  return { userId, sandboxId, attemptId, token, mark, name: `<b>${mark}</b>` }
}

/** Every row of every table in which one of these strings stands. */
async function rowsWith(...strings: string[]): Promise<string[]> {
  const tables = await db().$queryRaw<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = current_schema()`
  const found: string[] = []
  for (const { name } of tables) {
    for (const text of strings) {
      const sql = `select 1 from "${name}" as r where position($1 in to_jsonb(r)::text) > 0`
      const rows = await db().$queryRawUnsafe<unknown[]>(sql, text)
      if (rows.length > 0) found.push(name)
    }
  }
  return [...new Set(found)].toSorted()
}

async function remove(userId: string): Promise<void> {
  await db().user.deleteMany({ where: { id: userId } })
}

it('deletes every row of the person, and the namespace, and nothing of anybody else', async () => {
  await db().sandbox.deleteMany()
  await db().lease.deleteMany()
  await db().clusterStatus.deleteMany()
  const [person, other] = [await aPerson(), await aPerson()]
  const cluster = new FakeCluster()
  const loop = testReconcile(cluster)
  await loop.settle()
  expect(cluster.namespaces.size).toBe(2)
  const { userId, sandboxId, attemptId, mark, name, token } = person
  const mine = [userId, sandboxId, attemptId, mark]
  // Labs are content: that the id of one carries the mark is this test's own doing.
  const rowsOfMine = async () => (await rowsWith(...mine)).filter((table) => !table.startsWith('Lab'))
  expect(await rowsOfMine()).toEqual(
    ['Account', 'Attempt', 'HintUse', 'LessonVisit', 'RateLimit', 'Sandbox', 'SignIn'].concat([
      'TaskResult',
      'User',
      'Verdict',
      'VerificationToken',
    ]),
  )
  const deleted = deleteAccount({ userId, typed: name })
  await expect.poll(async () => (await loop.settle()) && cluster.namespaces.size, { timeout: 10_000 }).toBe(1)
  await Promise.all([deleted, loop.settle()])
  expect(await rowsOfMine()).toEqual([])
  expect(await unrevoked(token)).toBeNull()
  expect(await unrevoked(other.token)).not.toBeNull()
  await loop.reconcile.stop()
  await remove(other.userId)
})

it('leaves nothing in the cluster when the rows had to go first', async () => {
  await db().sandbox.deleteMany()
  await db().lease.deleteMany()
  await db().clusterStatus.deleteMany()
  const { userId, mark } = await aPerson()
  const cluster = new FakeCluster()
  const first = testReconcile(cluster)
  await first.settle()
  await first.reconcile.stop()
  // Nobody reconciles meanwhile.
  await deleteAccount({ userId, typed: `${mark.toUpperCase()}@EXAMPLE.org`, waitMs: 300 })
  expect(await rowsWith(userId)).toEqual([])
  expect(cluster.namespaces.size).toBe(1)
  const next = testReconcile(cluster)
  next.advance(61_000)
  await next.settle()
  expect(cluster.namespaces.size).toBe(0)
  await next.reconcile.stop()
})

it('deletes nothing until it is told by name, and once when it is told twice', async () => {
  const { userId, sandboxId, name } = await aPerson()
  for (const typed of ['', ' ', 'yes', name.slice(1), '%']) {
    await expect(deleteAccount({ userId, typed })).rejects.toMatchObject({ code: 'bad-request' })
  }
  expect(await db().sandbox.findUniqueOrThrow({ where: { id: sandboxId } })).toMatchObject({ state: 'queued' })
  await Promise.all([deleteAccount({ userId, typed: name }), deleteAccount({ userId, typed: name })])
  expect(await db().user.count({ where: { id: userId } })).toBe(0)
})

it('exports everything, parseable, in pages, and no secret', async () => {
  const { userId, sandboxId, attemptId, name } = await aPerson()
  let text = ''
  for await (const piece of exportAccount({ userId })) text += piece
  const all = JSON.parse(text)
  expect(all).toMatchObject({
    profile: { name, role: 'learner' },
    accounts: [{ provider: 'oidc' }],
    signIns: [{ userAgent: 'curl/8' }],
    lessonVisits: [{ lessonId: 'a/b' }],
    attempts: [{ id: attemptId, results: [{ taskId: 'one', verdict: 'pass' }], hintUses: [{ index: 0 }] }],
    sandboxes: [{ id: sandboxId }],
  })
  expect(new Set(all.verdicts.map(({ id }: { id: string }) => id)).size).toBe(1203)
  expect(text).not.toContain('never-shown')
  await remove(userId)
})

it('lists sessions, ends one, and all; never another’s', async () => {
  const [person, other] = [await aPerson(), await aPerson()]
  const { userId } = person
  const second = await beginSession({ userId, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
  const { sessions, holds, providers } = await getAccount({ userId, sessionId: second.sid })
  expect(sessions.map(({ device, current }) => [device, current]).toSorted()).toEqual([
    ['A program', false],
    ['Firefox on Linux', true],
  ])
  expect({ holds, providers }).toEqual({ holds: { attempts: 1, visits: 1, liveMachines: 1 }, providers: ['oidc'] })
  for (const sessionId of [other.token.sid, 'nothing', '']) {
    await expect(endSession({ userId, sessionId })).rejects.toMatchObject({ code: 'not-found' })
  }
  await endSession({ userId, sessionId: person.token.sid })
  expect(await unrevoked(person.token)).toBeNull()
  expect(await unrevoked(second)).not.toBeNull()
  await endAllSessions({ userId })
  expect(await unrevoked(second)).toBeNull()
  expect(await unrevoked(other.token)).not.toBeNull()
  for (const { userId } of [person, other]) await remove(userId)
})

it('renames, tidied, and takes no name that cannot be seen', async () => {
  const { userId } = await aPerson()
  expect(await renameUser({ userId, name: '  Ada   <script>  ' })).toEqual({ name: 'Ada <script>' })
  for (const name of ['', ' ', 'a'.repeat(41), 'a'.repeat(5000), 'a\u0000', '\u202eada', 7, null, {}]) {
    await expect(renameUser({ userId, name })).rejects.toMatchObject({ code: 'bad-request' })
  }
  expect(await db().user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({ name: 'Ada <script>' })
  await remove(userId)
})
