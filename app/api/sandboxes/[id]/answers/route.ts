import { z } from 'zod'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { typeAnswer } from '#lib/progress/type-answer.ts'

const body = z.object({ taskId: z.string().min(1).max(60), value: z.string().max(1000) })

export const POST = withUser(
  { params: idParams, body, limit: 'answer', guests: true },
  ({ user, params, body: answer }) => typeAnswer({ userId: user.id, sandboxId: params.id, ...answer }),
)
