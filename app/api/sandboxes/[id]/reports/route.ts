import { z } from 'zod'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { reportCheck } from '#lib/progress/report-check.ts'
import { MAX_REPORT_CHARS } from '#lib/sandbox/view.ts'

const body = z.object({ taskId: z.string().min(1).max(60), text: z.string().max(MAX_REPORT_CHARS).default('') })

export const POST = withUser(
  { params: idParams, body, limit: 'report', guests: true },
  ({ user, params, body: report }) => reportCheck({ userId: user.id, sandboxId: params.id, ...report }),
)
