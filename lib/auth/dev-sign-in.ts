import { displayName } from '#lib/auth/display-name.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'

const DEV_DOMAIN = '@dev.localhost'

/** Whether an address is one that the development sign-in made up. */
export const isDevAddress = (email: string): boolean => email.endsWith(DEV_DOMAIN)

/**
 * The development sign-in: whoever gives a name is that person, made at first sight. The same name in another case is
 * the same person. Throws `bad-request` for what is no name, `limit-reached` after 30 tries a minute.
 */
export async function devSignIn(typed: unknown): Promise<{ id: string; name: string }> {
  await rateLimit('dev-sign-in', 'all')
  const name = displayName.safeParse(typed)
  if (!name.success) {
    throw new AppError('bad-request', 'unusable name at development sign-in', {
      userMessage: 'A name has 1 to 40 characters.',
    })
  }
  const email = `${encodeURIComponent(name.data.toLowerCase())}${DEV_DOMAIN}`
  // An upsert is two statements here, and the second of two sign-ins at once would fail on the unique address.
  await db().user.createMany({ data: { email, name: name.data }, skipDuplicates: true })
  const user = await db().user.findUniqueOrThrow({
    where: { email },
    select: { id: true, name: true },
  })
  return { ...user, name: user.name ?? name.data }
}
