import type { LabSummary } from '#components/workspace/lab-summary.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { labTimes } from '#lib/sandbox/duration.ts'
import { labAvailability } from '#lib/sandbox/lab-availability.ts'
import { taskViews } from '#lib/sandbox/view-parts.ts'

/** What a page may know of a lab that nobody has started yet. On the server. */
export async function summariseLab(labId: string, title: string, lab: Lab): Promise<LabSummary> {
  const whyUnavailable = await labAvailability()
  return {
    labId,
    title,
    minutes: Math.round(labTimes(lab).budgetMs / 60_000),
    machines: lab.machines.map(({ name, terminals }) => ({ name, terminals })),
    tasks: taskViews(lab, { results: [], hintUses: [] }),
    unavailable: whyUnavailable(lab),
  }
}
