import { z } from 'zod'
import { deleteAccount } from '#lib/account/delete-account.ts'
import { renameUser } from '#lib/account/rename-user.ts'
import { withUser } from '#lib/http/with-user.ts'

export const POST = withUser({ body: z.object({ name: z.string() }) }, ({ user, body: { name } }) =>
  renameUser({ userId: user.id, name }),
)

export const DELETE = withUser(
  { body: z.object({ typed: z.string().max(1000) }) },
  async ({ user, body: { typed } }) => {
    await deleteAccount({ userId: user.id, typed })
    return { deleted: true }
  },
)
