import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { beginSession } from '#lib/auth/begin-session.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { findPreview } from '#lib/previews/find-preview.ts'
import { openPreview } from '#lib/previews/open-preview.ts'
import { spendTicket } from '#lib/previews/spend-ticket.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import { ownUser, testLab } from '#lib/sandbox/testing.ts'

const definition = {
  ...testLab,
  lab: labSchema.parse({ ...testLab.lab, ports: [{ machine: 'box', port: 8080, title: 'The page' }] }),
}

async function sandboxOf(userId: string) {
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const loadLab = async () => ({ definition, digest: labDigest(labId, definition) })
  const { id: sandboxId } = await startSandbox({ userId, labId, loadLab })
  const { sid: sessionId } = await beginSession({ userId, userAgent: 'test' })
  const put = (state: SandboxState) => db().sandbox.update({ where: { id: sandboxId }, data: { state } })
  return { place: { userId, sessionId, sandboxId, index: 0 }, put }
}

const answer = (asked: Promise<{ title: string } | string>) =>
  asked.then(
    (found) => (typeof found === 'string' ? found : found.title),
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code
      throw thrown
    },
  )

it('finds a page of one’s own, in each state of its sandbox', async () => {
  await using user = await ownUser()
  const { place, put } = await sandboxOf(user.userId)
  expect(await answer(findPreview(place))).toBe('conflict')
  for (const state of ['ready', 'degraded'] as const) {
    await put(state)
    expect(await answer(findPreview(place))).toBe('The page')
  }
  for (const state of ['ending', 'ended', 'failed', 'lost'] as const) {
    await put(state)
    expect(await answer(findPreview(place))).toBe('gone')
    expect(await answer(openPreview(place))).toBe('gone')
  }
})

it('finds nothing of another’s, nothing that is not declared, and nothing after the sign-out', async () => {
  await using owner = await ownUser()
  await using other = await ownUser()
  const { place, put } = await sandboxOf(owner.userId)
  await put('ready')
  const { sid } = await beginSession({ userId: other.userId, userAgent: 'test' })
  for (const change of [
    { userId: other.userId, sessionId: sid },
    { userId: other.userId },
    { sessionId: sid },
    { index: 1 },
    { sandboxId: 'nobodys' },
  ]) {
    expect([change, await answer(findPreview({ ...place, ...change }))]).toEqual([change, 'not-found'])
    expect([change, await answer(openPreview({ ...place, ...change }))]).toEqual([change, 'not-found'])
  }
  expect(await answer(openPreview(place))).toMatch(
    new RegExp(`^http://0-${place.sandboxId}\\.lab\\.localhost:\\d+/\\.drydock/enter\\?ticket=`),
  )
  await db().signIn.delete({ where: { id: place.sessionId } })
  expect(await answer(findPreview(place))).toBe('not-found')
})

it('takes a ticket once, whoever asks', async () => {
  const nonce = randomUUID()
  const taken = await Promise.all([1, 2, 3].map(() => spendTicket(nonce)))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect(await spendTicket(nonce)).toBe(false)
  expect(await spendTicket(randomUUID())).toBe(true)
})
