import { z } from 'zod'
import { labOf } from '#lib/content/catalogue.ts'
import { withUser } from '#lib/http/with-user.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'

const body = z.object({ labId: z.string().min(1).max(200) })

export const POST = withUser({ body, limit: 'start', status: 201 }, ({ user, body: { labId } }) =>
  startSandbox({ userId: user.id, labId, loadLab: labOf }),
)
