import { z } from 'zod'
import { claimFirstAdmin } from '#lib/account/claim-first-admin.ts'
import { withUser } from '#lib/http/with-user.ts'

const body = z.object({ token: z.string().max(200) })

export const POST = withUser({ body }, ({ user, body: { token } }) => claimFirstAdmin({ userId: user.id, token }))
