import { expect, it, vi } from 'vitest'
import { AppError } from '#lib/errors.ts'
import { formatEvent, type SandboxStreamOptions, sandboxStream } from '#lib/http/sandbox-stream.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

vi.mock('#lib/obs/logger.ts', () => ({ logger: () => ({ warn: () => {} }) }))

const aView = (change: Partial<SandboxView> = {}): SandboxView => ({
  id: 's1',
  labId: 'challenges/x',
  attemptId: 'a1',
  state: 'ready',
  reason: null,
  waiting: null,
  now: new Date().toISOString(),
  expiresAt: '2030-01-01T00:00:00.000Z',
  endedAt: null,
  extensionsLeft: 10,
  guest: false,
  machines: [],
  ports: [],
  previews: true,
  scenes: [],
  vars: {},
  facts: {},
  tasks: [],
  solvedAt: null,
  ...change,
})

/** A sandbox in a variable, a stream over it, and a reader of whole events. */
async function open(options: Partial<SandboxStreamOptions> = {}) {
  const state = { read: async () => aView(), hint: () => {}, subscribed: 0 }
  const left = new AbortController()
  const response = await sandboxStream({
    userId: 'u1',
    read: () => state.read(),
    subscribe: (onHint) => {
      state.hint = onHint
      state.subscribed++
      return () => {
        state.subscribed--
      }
    },
    signal: left.signal,
    pollMs: 60_000,
    ...options,
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const next = async () => (await reader?.read())?.value
  /** Lets the stream go back to waiting, so that a hint finds it there. */
  const tell = async (read: () => Promise<SandboxView>) => {
    state.read = read
    await new Promise((resolve) => setImmediate(resolve))
    state.hint()
  }
  return { state, left, response, next, tell }
}

it('writes one event, with any line break inside its JSON', () => {
  expect(formatEvent('view', { text: 'a\nb' })).toBe('event: view\ndata: {"text":"a\\nb"}\n\n')
})

it('sends the view at once, then only what changed', async () => {
  const { left, response, next, tell } = await open()
  expect(response.headers.get('content-type')).toMatch('text/event-stream')
  expect(await next()).toContain('"state":"ready"')
  await tell(async () => aView({ now: 'later' }))
  await tell(async () => aView({ state: 'degraded' }))
  expect(await next()).toContain('"state":"degraded"')
  left.abort()
  expect(await next()).toBeUndefined()
})

it('finds a change by polling when the hint was lost', async () => {
  const { state, left, next } = await open({ pollMs: 5 })
  await next()
  state.read = async () => aView({ reason: 'changed' })
  expect(await next()).toContain('changed')
  left.abort()
})

it('sends a sign of life when nothing changes', async () => {
  const { left, next } = await open({ pollMs: 5, heartbeatMs: 10 })
  await next()
  expect(await next()).toMatch(/^: /)
  left.abort()
})

it('ends with the sandbox', async () => {
  const { next, tell } = await open()
  await next()
  await tell(async () => aView({ state: 'ended' }))
  expect(await next()).toContain('"ended"')
  expect(await next()).toBeUndefined()
})

it('waits out a failure of ours, and ends when the sandbox is not the user’s any more', async () => {
  const { next, tell } = await open()
  await next()
  await tell(() => Promise.reject(new Error('database away')))
  await tell(() => Promise.reject(new AppError('not-found', 'gone')))
  expect(await next()).toMatch(/^event: gone/)
  expect(await next()).toBeUndefined()
})

it('closes after its longest age, so that the browser comes back with its session', async () => {
  const { next } = await open({ maxAgeMs: 20 })
  await next()
  expect(await next()).toBeUndefined()
})

it('opens so many per user, and gives the place and the subscription back', async () => {
  const streams = await Promise.all(Array.from({ length: 12 }, () => open({ userId: 'many' })))
  await expect(open({ userId: 'many' })).rejects.toMatchObject({ code: 'limit-reached' })
  await expect(open({ userId: 'another' })).resolves.toBeDefined()
  for (const { left, next } of streams) {
    left.abort()
    while (await next()) {}
  }
  expect(streams.every(({ state }) => state.subscribed === 0)).toBe(true)
  const again = await open({ userId: 'many' })
  expect(await again.next()).toContain('"ready"')
})
