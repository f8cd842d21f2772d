import type { SandboxView, TaskView } from '#lib/sandbox/view.ts'

/** What a page knows of a lab before anyone starts it. */
export type LabSummary = {
  labId: string
  title: string
  /** Minutes a machine lives before it is extended. */
  minutes: number
  machines: SandboxView['machines']
  tasks: TaskView[]
  /** What one is and has there, as one sentence. */
  gives: string
  /** Why it cannot be had on this platform; null when it can. */
  unavailable: string | null
}
