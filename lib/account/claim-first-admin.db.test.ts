import { expect, it } from 'vitest'
import { claimFirstAdmin } from '#lib/account/claim-first-admin.ts'
import { db } from '#lib/db/client.ts'
import { ownUser } from '#lib/sandbox/testing.ts'
import { firstAdminLink } from '../../scripts/first-admin.ts'

const SITE = 'https://drydock.example'
const newLink = () => firstAdminLink(process.env.DATABASE_URL ?? '', SITE)
const tokenOf = (link: string | null) => new URL(link ?? SITE).searchParams.get('token') ?? ''
const roleOf = async (id: string) => (await db().user.findUniqueOrThrow({ where: { id } })).role

it('makes one administrator: once, of two at once one, and none where there is one', async () => {
  await db().user.updateMany({ where: { role: 'admin' }, data: { role: 'learner' } })
  await using ada = await ownUser()
  await using mallory = await ownUser()
  const old = tokenOf(await newLink())
  const token = tokenOf(await newLink())
  expect(JSON.stringify(await db().verificationToken.findMany())).not.toContain(token)

  for (const useless of [old, '', 'x'.repeat(200), `${token.slice(1)}0`])
    await expect(claimFirstAdmin({ userId: mallory.userId, token: useless })).rejects.toMatchObject({
      code: 'forbidden',
    })
  const claims = await Promise.allSettled([ada, mallory].map(({ userId }) => claimFirstAdmin({ userId, token })))
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect([await roleOf(ada.userId), await roleOf(mallory.userId)].sort()).toEqual(['admin', 'learner'].sort())
  await expect(claimFirstAdmin({ userId: mallory.userId, token })).rejects.toMatchObject({ code: 'forbidden' })
  expect(await newLink()).toBeNull()
})

it('refuses a link that is too old, and one that outlived the first administrator’s coming', async () => {
  await db().user.updateMany({ where: { role: 'admin' }, data: { role: 'learner' } })
  await using ada = await ownUser()
  const token = tokenOf(await newLink())
  await db().verificationToken.updateMany({ where: { identifier: 'first-admin' }, data: { expires: new Date(0) } })
  await expect(claimFirstAdmin({ userId: ada.userId, token })).rejects.toMatchObject({ code: 'forbidden' })

  const second = tokenOf(await newLink())
  await using grace = await ownUser()
  await db().user.update({ where: { id: grace.userId }, data: { role: 'admin' } })
  await expect(claimFirstAdmin({ userId: ada.userId, token: second })).rejects.toMatchObject({ code: 'forbidden' })
  expect(await roleOf(ada.userId)).toBe('learner')
})
