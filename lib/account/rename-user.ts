import { displayName } from '#lib/auth/display-name.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'

/** Gives the user another display name, as tidied. Names need not be unique. @throws AppError `bad-request` for no name */
export async function renameUser({ userId, name }: { userId: string; name: unknown }): Promise<{ name: string }> {
  const parsed = displayName.safeParse(name)
  if (!parsed.success) {
    throw new AppError('bad-request', 'unusable display name', {
      userMessage: 'A name has 1 to 40 characters that can be seen.',
    })
  }
  await db().user.update({ where: { id: userId }, data: { name: parsed.data } })
  return { name: parsed.data }
}
