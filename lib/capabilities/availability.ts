import { CAPABILITIES, type Capability } from '#lib/capabilities/capability.ts'
import { labNeeds } from '#lib/capabilities/lab-needs.ts'
import type { Report } from '#lib/capabilities/report.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** Whether a lab can be had: yes; not known before the cluster was looked at; or no, with the reason for a learner. */
export type Availability = { kind: 'available' } | { kind: 'unknown' } | { kind: 'lacking'; reason: string }

/**
 * Judges a lab by what its cluster offers. What could not be found out counts as missing, but as something that may yet
 * come. Pure.
 * @param accepted what the operator does without, knowingly
 */
export function availability(
  lab: Pick<Lab, 'machines'>,
  report: Report | null,
  accepted: readonly Capability[],
): Availability {
  if (!report) return { kind: 'unknown' }
  const needs = labNeeds(lab).filter((name) => !accepted.includes(name))
  const lacking = needs.find((name) => report.findings[name].found === 'no')
  if (lacking) return { kind: 'lacking', reason: `This lab is not available here: ${CAPABILITIES[lacking].lacking}.` }
  return { kind: needs.every((name) => report.findings[name].found === 'yes') ? 'available' : 'unknown' }
}
