import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { follow } from './follow.ts'

type Thing = { metadata: { uid: string; resourceVersion: string }; size: number }
const thing = (uid: string, version: number, size: number): Thing => ({
  metadata: { uid, resourceVersion: `${version}` },
  size,
})

/** An API server as far as lists and watches go: each watch ends when the test says so. */
class Server {
  items: Thing[] = []
  version = 10
  lists = 0
  watched: string[] = []
  end: (error?: Error) => void = () => {}
  #onEvent: (event: unknown) => void = () => {}

  getJson = async <T>() => {
    this.lists++
    return { metadata: { resourceVersion: `${this.version}` }, items: this.items } as T
  }

  watch = (path: string, onEvent: (event: unknown) => void) => {
    this.watched.push(/resourceVersion=(\d+)/.exec(path)?.[1] ?? '')
    return new Promise<void>((resolve, reject) => {
      this.end = (error) => (error ? reject(error) : resolve())
      this.#onEvent = onEvent
    })
  }

  /** As the client does, an event that cannot be taken ends the watch. */
  say(type: string, object: unknown): void {
    try {
      this.#onEvent({ type, object })
    } catch (error) {
      this.end(error as Error)
    }
  }
}

let server: Server
let onChange: ReturnType<typeof vi.fn<() => void>>
const start = async () => {
  const options = { client: server, path: '/things', keep: ({ size }: Thing) => ({ size }), onChange, log: () => {} }
  const followed = follow(options)
  await vi.advanceTimersByTimeAsync(0)
  return { followed, sizes: () => [...followed.items].map(([uid, { size }]) => `${uid}=${size}`) }
}

beforeEach(() => {
  vi.useFakeTimers()
  server = new Server()
  server.items = [thing('a', 7, 1)]
  onChange = vi.fn<() => void>()
})
afterEach(() => {
  vi.useRealTimers()
})

test('lists, and keeps up from there', async () => {
  const { followed, sizes } = await start()
  expect(sizes()).toEqual(['a=1'])
  expect(followed.live).toBe(true)
  expect(server.watched).toEqual(['10'])
  server.say('ADDED', thing('b', 11, 2))
  server.say('MODIFIED', thing('a', 12, 3))
  expect(sizes()).toEqual(['a=3', 'b=2'])
  server.say('DELETED', thing('b', 13, 2))
  expect(sizes()).toEqual(['a=3'])
  expect(onChange).toHaveBeenCalledTimes(4)
})

test('is not moved by changes of what it does not keep, or by bookmarks', async () => {
  await start()
  onChange.mockClear()
  server.say('MODIFIED', thing('a', 11, 1))
  server.say('BOOKMARK', { metadata: { resourceVersion: '40' } })
  expect(onChange).not.toHaveBeenCalled()
})

test('goes on from the last version where the server ends a watch in good order', async () => {
  const { followed } = await start()
  server.say('BOOKMARK', { metadata: { resourceVersion: '40' } })
  server.end()
  await vi.advanceTimersByTimeAsync(0)
  expect(server.watched).toEqual(['10', '40'])
  expect(server.lists).toBe(1)
  expect(followed.live).toBe(true)
})

test.each<[string, () => void]>([
  ['the connection breaks', () => server.end(new Error('reset'))],
  ['the server has forgotten that version', () => server.say('ERROR', { code: 410, reason: 'Expired' })],
])('lists anew when %s, and says meanwhile that it does not know', async (_, breaks) => {
  const { followed, sizes } = await start()
  server.items = [thing('c', 50, 5)]
  server.version = 50
  breaks()
  await vi.advanceTimersByTimeAsync(0)
  expect(followed.live).toBe(false)
  expect(sizes()).toEqual(['a=1'])
  await vi.advanceTimersByTimeAsync(1000)
  expect(followed.live).toBe(true)
  expect(sizes()).toEqual(['c=5'])
  expect(server.watched).toEqual(['10', '50'])
})
