import { randomUUID } from 'node:crypto'
import { encode } from 'next-auth/jwt'
import { beforeEach, expect, it } from 'vitest'
import { authenticateRequest } from '#lib/auth/authenticate-request.ts'
import { beginSession } from '#lib/auth/begin-session.ts'
import { devSignIn } from '#lib/auth/dev-sign-in.ts'
import { sessionCookie } from '#lib/auth/session.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'

// The limit is for a minute of the whole site; each test begins with all of it.
beforeEach(async () => {
  await db().rateLimit.deleteMany({ where: { key: { startsWith: 'dev-sign-in' } } })
})

/** A signed-in user of the test's own, and the header their browser would send. */
async function signedIn(token: object = {}, secret = env().NEXTAUTH_SECRET, maxAge = 60) {
  const user = await devSignIn(`Test ${randomUUID().slice(0, 8)}`)
  const own = await beginSession({ userId: user.id, userAgent: 'a browser' })
  const value = await encode({ token: { ...own, ...token }, secret, maxAge })
  return {
    user,
    headers: { cookie: `theme=dark; ${sessionCookie().name}=${value}` },
    [Symbol.asyncDispose]: async () => {
      await db().user.deleteMany({ where: { id: user.id } })
    },
  }
}

it('knows who sends a request', async () => {
  await using session = await signedIn()
  expect(await authenticateRequest(session.headers)).toEqual({ userId: session.user.id })
})

it('takes no session that was revoked, or whose user is gone', async () => {
  await using session = await signedIn()
  await db().user.update({ where: { id: session.user.id }, data: { sessionVersion: { increment: 1 } } })
  expect(await authenticateRequest(session.headers)).toBeNull()
  await db().user.update({ where: { id: session.user.id }, data: { sessionVersion: 0 } })
  expect(await authenticateRequest(session.headers)).not.toBeNull()
  await db().user.delete({ where: { id: session.user.id } })
  expect(await authenticateRequest(session.headers)).toBeNull()
})

it('ends one sign-in and leaves the others, and says when each was used last', async () => {
  await using session = await signedIn()
  const other = await beginSession({ userId: session.user.id, userAgent: 'x'.repeat(5000) })
  const cookie = `${sessionCookie().name}=${await encode({ token: other, secret: env().NEXTAUTH_SECRET })}`
  const long = new Date(Date.now() - 3_600_000)
  await db().signIn.updateMany({ where: { userId: session.user.id }, data: { lastSeenAt: long } })
  expect(await authenticateRequest({ cookie })).not.toBeNull()
  expect((await db().signIn.findUniqueOrThrow({ where: { id: other.sid } })).lastSeenAt > long).toBe(true)
  await db().signIn.delete({ where: { id: other.sid } })
  expect(await authenticateRequest({ cookie })).toBeNull()
  expect(await authenticateRequest(session.headers)).not.toBeNull()
})

it('takes no token that is expired, foreign, without a version, or nonsense', async () => {
  await using expired = await signedIn({}, undefined, -60)
  await using foreign = await signedIn({}, 'x'.repeat(32))
  await using unversioned = await signedIn({ ver: undefined })
  await using strange = await signedIn({ ver: '0 or 1=1' })
  await using unlisted = await signedIn({ sid: undefined })
  await using another = await signedIn({ sid: (await db().signIn.findFirstOrThrow()).id })
  for (const { headers } of [expired, foreign, unversioned, strange, unlisted, another]) {
    expect(await authenticateRequest(headers)).toBeNull()
  }
  const { name } = sessionCookie()
  for (const cookie of [undefined, '', name, `${name}=`, `${name}=a.b.c`, `${name}=${'x'.repeat(9000)}`]) {
    expect(await authenticateRequest(cookie === undefined ? {} : { cookie })).toBeNull()
  }
})

it('makes one person of one name, in any case and however often at once', async () => {
  const name = `Ünal ${randomUUID().slice(0, 8)}`
  const all = await Promise.all([name, name.toUpperCase(), ` ${name}  `, name.normalize('NFD')].map(devSignIn))
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  await db().user.delete({ where: { id: all[0]?.id ?? '' } })
})

it.each(['', '   ', 'a'.repeat(41), 'a\u0000b', 'a\u202eb', null, 7, {}])('takes no %j for a name', async (name) => {
  await expect(devSignIn(name)).rejects.toMatchObject({ code: 'bad-request' })
})
