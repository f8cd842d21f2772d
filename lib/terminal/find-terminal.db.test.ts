import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import { loadTestLab, ownUser } from '#lib/sandbox/testing.ts'
import { findTerminal } from '#lib/terminal/find-terminal.ts'

async function sandboxOf(userId: string) {
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id: sandboxId } = await startSandbox({ userId, labId, loadLab: loadTestLab })
  const put = (state: SandboxState) => db().sandbox.update({ where: { id: sandboxId }, data: { state } })
  return { sandboxId, put }
}

const answer = (asked: Promise<string>) =>
  asked.catch((thrown: unknown) => {
    if (thrown instanceof AppError) return thrown.code
    throw thrown
  })

it('finds a terminal of one’s own, in each state of its sandbox', async () => {
  await using user = await ownUser()
  const { sandboxId, put } = await sandboxOf(user.userId)
  const ask = () => answer(findTerminal({ userId: user.userId, sandboxId, machine: 'box', terminal: 'main' }))
  expect(await ask()).toBe('conflict')
  for (const state of ['ready', 'degraded'] as const) {
    await put(state)
    expect(await ask()).toBe(namespacesOf(sandboxId).sys)
  }
  for (const state of ['ending', 'ended', 'failed', 'lost'] as const) {
    await put(state)
    expect(await ask()).toBe('gone')
  }
})

it('finds nothing of another’s, and nothing that the lab does not have', async () => {
  await using owner = await ownUser()
  await using other = await ownUser()
  const { sandboxId, put } = await sandboxOf(owner.userId)
  await put('ready')
  const mine = { userId: owner.userId, sandboxId, machine: 'box', terminal: 'main' }
  expect(await answer(findTerminal({ ...mine, userId: other.userId }))).toBe('not-found')
  expect(await answer(findTerminal({ ...mine, sandboxId: 'unknown' }))).toBe('not-found')
  expect(await answer(findTerminal({ ...mine, machine: 'web1' }))).toBe('not-found')
  expect(await answer(findTerminal({ ...mine, terminal: 'second' }))).toBe('not-found')
})
