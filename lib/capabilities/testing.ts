import { CAPABILITY_NAMES, type Capability } from '#lib/capabilities/capability.ts'
import { type Finding, type Report, yes } from '#lib/capabilities/report.ts'

/** A report in which everything is found, but for what is given. */
export const testReport = (changes: Partial<Record<Capability, Finding>> = {}, at = new Date()): Report => ({
  at: at.toISOString(),
  findings: {
    ...(Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, yes('seen')])) as Report['findings']),
    ...changes,
  },
})
