import { z } from 'zod'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { openHint } from '#lib/progress/open-hint.ts'

const body = z.object({ taskId: z.string().min(1).max(60), index: z.int().min(0).max(50).optional() })

export const POST = withUser({ params: idParams, body, guests: true }, ({ user, params, body: { taskId, index } }) =>
  openHint({ userId: user.id, attemptId: params.id, taskId, ...(index !== undefined && { index }) }),
)
