import { expect, it, vi } from 'vitest'
import { AppError } from '#lib/errors.ts'
import { errorResponse, readJson } from '#lib/http/respond.ts'

vi.mock('#lib/obs/logger.ts', () => ({ logger: () => ({ error: () => {} }) }))

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request('http://x/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)

it('says the code and the words, never the log message', async () => {
  const response = errorResponse(new AppError('not-found', 'no sandbox s1 of user u1'))
  expect(response.status).toBe(404)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(JSON.stringify(await response.json())).not.toMatch(/s1|u1/)
})

it('lets nothing of an unknown failure out', async () => {
  const response = errorResponse(new Error('password=hunter2'))
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('hunter2')
})

it('reads a body of the size that is allowed', async () => {
  expect(await readJson(post('{"a":1}'), 7)).toEqual({ a: 1 })
})

it('refuses a larger one, said or not said', async () => {
  await expect(readJson(post('{"a":12}'), 7)).rejects.toMatchObject({ code: 'too-large' })
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(1024))
    },
  })
  await expect(readJson(post(stream), 4096)).rejects.toMatchObject({ code: 'too-large' })
  await expect(readJson(post('{}', { 'content-length': '99999' }), 7)).rejects.toMatchObject({ code: 'too-large' })
})

it.each(['', '{', 'nonsense', '\u0000'])('refuses what is no JSON: %j', async (body) => {
  await expect(readJson(post(body), 100)).rejects.toMatchObject({ code: 'bad-request' })
})
