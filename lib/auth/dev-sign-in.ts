import { z } from 'zod'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'

/** A name as a person types one: 1 to 40 visible characters, no control or invisible formatting characters. */
const devName = z
  .string()
  .transform((value) => value.normalize('NFC').replace(/\s+/g, ' ').trim())
  .refine((value) => /^[^\p{C}]{1,40}$/u.test(value))

/**
 * The development sign-in: whoever gives a name is that person, made at first sight. The same name in another case is
 * the same person. Throws `bad-request` for what is no name, `limit-reached` after 30 tries a minute.
 */
export async function devSignIn(typed: unknown): Promise<{ id: string; name: string; sessionVersion: number }> {
  await rateLimit('dev-sign-in', 'all')
  const name = devName.safeParse(typed)
  if (!name.success) {
    throw new AppError('bad-request', 'unusable name at development sign-in', {
      userMessage: 'A name has 1 to 40 characters.',
    })
  }
  const email = `${encodeURIComponent(name.data.toLowerCase())}@dev.localhost`
  // An upsert is two statements here, and the second of two sign-ins at once would fail on the unique address.
  await db().user.createMany({ data: { email, name: name.data }, skipDuplicates: true })
  const user = await db().user.findUniqueOrThrow({
    where: { email },
    select: { id: true, name: true, sessionVersion: true },
  })
  return { ...user, name: user.name ?? name.data }
}
