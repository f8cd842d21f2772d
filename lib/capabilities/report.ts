import { z } from 'zod'
import { CAPABILITY_NAMES, type Capability } from '#lib/capabilities/capability.ts'

/** `unknown`: it could not be found out. `detail`: what was seen, for operators. */
const findingSchema = z.object({ found: z.enum(['yes', 'no', 'unknown']), detail: z.string() })

/** What a probe found in one cluster, at one time. */
export const reportSchema = z.object({
  /** ISO time. */
  at: z.string(),
  findings: z.record(z.enum(CAPABILITY_NAMES as [Capability, ...Capability[]]), findingSchema),
})

export type Finding = z.output<typeof findingSchema>
export type Report = z.output<typeof reportSchema>

export const yes = (detail: string): Finding => ({ found: 'yes', detail })
export const no = (detail: string): Finding => ({ found: 'no', detail })
export const unknown = (detail: string): Finding => ({ found: 'unknown', detail })

/** The newer report; what it could not find out stays as the one before it had it. */
export function merged(before: Report | null, now: Report): Report {
  if (!before) return now
  const findings = { ...now.findings }
  for (const name of CAPABILITY_NAMES) {
    if (findings[name].found === 'unknown') findings[name] = before.findings[name]
  }
  return { ...now, findings }
}
