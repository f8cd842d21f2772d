import { encode } from 'next-auth/jwt'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { beginSession } from '#lib/auth/begin-session.ts'
import { sessionCookie } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { ownUser } from '#lib/sandbox/testing.ts'

const body = z.object({ labId: z.string().max(20) })
const handler = withUser({ params: idParams, body, status: 201 }, async ({ user, params, body: { labId } }) => ({
  user: user.id,
  id: params.id,
  labId,
}))

type Send = { userId?: string; id?: string; text?: string; headers?: Record<string, string>; call?: typeof handler }

async function send({ userId, id = 's1', text = '{"labId":"x"}', headers = {}, call = handler }: Send) {
  const session = userId && (await beginSession({ userId, userAgent: '' }))
  const token = session && (await encode({ token: session, secret: env().NEXTAUTH_SECRET }))
  const request = new Request('http://x/', {
    method: 'POST',
    body: text,
    headers: {
      origin: new URL(env().NEXTAUTH_URL).origin,
      ...(token && { cookie: `${sessionCookie().name}=${token}` }),
      ...headers,
    },
  })
  const response = await call(request, { params: Promise.resolve({ id }) })
  return { status: response.status, body: await response.json() }
}

it('hands over who, what and where', async () => {
  await using user = await ownUser()
  const answer = await send(user)
  expect(answer).toEqual({ status: 201, body: { user: user.userId, id: 's1', labId: 'x' } })
})

it('refuses before anything runs', async () => {
  await using user = await ownUser()
  const { userId } = user
  const never = withUser({ params: idParams, body }, async () => {
    throw new Error('ran')
  })
  const code = async (options: Send) => (await send({ call: never, ...options })).body.error.code
  expect(await code({})).toBe('unauthenticated')
  expect(await code({ userId, headers: { origin: 'http://evil.example' } })).toBe('forbidden')
  expect(await code({ userId, headers: { origin: '', 'sec-fetch-site': 'cross-site' } })).toBe('forbidden')
  expect(await code({ userId, text: '{' })).toBe('bad-request')
  expect(await code({ userId, text: '{"labId":7}' })).toBe('bad-request')
  expect(await code({ userId, text: JSON.stringify({ labId: 'x'.repeat(17_000) }) })).toBe('too-large')
  expect(await code({ userId, id: "1' or '1'='1" })).toBe('bad-request')
})

it('refuses guests in words, except where the route takes them', async () => {
  await using user = await ownUser()
  await db().user.update({ where: { id: user.userId }, data: { role: 'guest' } })
  const refused = await send(user)
  expect(refused).toMatchObject({ status: 403, body: { error: { message: expect.stringContaining('Sign in') } } })
  const open = withUser({ params: idParams, body, guests: true }, async ({ user }) => user.role) as typeof handler
  expect(await send({ ...user, call: open })).toEqual({ status: 200, body: 'guest' })
})

it('turns what is thrown into its status and words', async () => {
  await using user = await ownUser()
  const fails = (thrown: unknown) => withUser({}, async () => Promise.reject(thrown)) as typeof handler
  const gone = await send({ ...user, call: fails(new AppError('gone', 'sandbox s1 is ended')) })
  expect(gone).toEqual({ status: 410, body: { error: { code: 'gone', message: 'This has ended.' } } })
  const broken = await send({ ...user, call: fails('a string') })
  expect(broken.status).toBe(500)
})

it('counts exactly, across callers at once, and says how long to wait', async () => {
  await using user = await ownUser()
  const uses = await Promise.allSettled(Array.from({ length: 15 }, () => rateLimit('start', user.userId)))
  const refused = uses.filter((use) => use.status === 'rejected')
  expect(refused).toHaveLength(5)
  expect(refused[0]?.reason).toMatchObject({ code: 'limit-reached', userMessage: expect.stringMatching(/\d+ second/) })
  await expect(rateLimit('write', user.userId)).resolves.toBeUndefined()
  await db().rateLimit.deleteMany({ where: { key: { contains: user.userId } } })
})
