import { z } from 'zod'
import type { ExecStatus } from '#lib/terminal/exec-port.ts'

const statusSchema = z.object({
  status: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().default(''),
  details: z
    .object({
      causes: z.array(z.object({ reason: z.string().optional(), message: z.string().default('') })).default([]),
    })
    .optional(),
})

/**
 * How a command ended, by the `metav1.Status` that comes last on the status channel: Success; or Failure with reason
 * NonZeroExitCode and a cause ExitCode; or any other failure, which is the transport's or the runtime's and has no code.
 */
export function execStatusOf(text: string): ExecStatus {
  const parsed = statusSchema.safeParse(parseJson(text))
  if (!parsed.success) return { exitCode: null, message: 'the cluster sent an unreadable status' }
  const { status, reason, message, details } = parsed.data
  if (status === 'Success') return { exitCode: 0, message: '' }
  const exitCode = Number(details?.causes.find((cause) => cause.reason === 'ExitCode')?.message)
  return { exitCode: reason === 'NonZeroExitCode' && Number.isInteger(exitCode) ? exitCode : null, message }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
