import { randomUUID } from 'node:crypto'
import { encode } from 'next-auth/jwt'
import { beforeEach, expect, it } from 'vitest'
import { authenticateRequest } from '#lib/auth/authenticate-request.ts'
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
  const value = await encode({ token: { sub: user.id, ver: user.sessionVersion, ...token }, secret, maxAge })
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

it('takes no token that is expired, foreign, without a version, or nonsense', async () => {
  await using expired = await signedIn({}, undefined, -60)
  await using foreign = await signedIn({}, 'x'.repeat(32))
  await using unversioned = await signedIn({ ver: undefined })
  await using strange = await signedIn({ ver: '0 or 1=1' })
  for (const { headers } of [expired, foreign, unversioned, strange]) {
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
