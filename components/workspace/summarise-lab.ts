import type { LabSummary } from '#components/workspace/lab-summary.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { labTimes } from '#lib/sandbox/duration.ts'
import { labAvailability } from '#lib/sandbox/lab-availability.ts'
import { PROFILES, usesKubernetes } from '#lib/sandbox/machine-profiles.ts'
import { NO_WORK, taskViews } from '#lib/sandbox/view-parts.ts'

/** What a page may know of a lab that nobody has started yet. On the server. */
export async function summariseLab(labId: string, title: string, lab: Lab): Promise<LabSummary> {
  const whyUnavailable = await labAvailability()
  return {
    labId,
    title,
    minutes: Math.round(labTimes(lab).budgetMs / 60_000),
    machines: lab.machines.map(({ name, terminals }) => ({ name, terminals })),
    tasks: taskViews(lab, NO_WORK),
    gives: gives(lab),
    unavailable: whyUnavailable(lab),
  }
}

function gives(lab: Lab): string {
  if (usesKubernetes(lab)) return 'It has kubectl, and a namespace of a real cluster that is yours alone.'
  return lab.machines.some(({ profile }) => PROFILES[profile].root) ? 'You are root on it.' : 'It is real Linux.'
}
