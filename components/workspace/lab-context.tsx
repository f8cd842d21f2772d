'use client'

import { createContext, useContext } from 'react'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import type { TaskView } from '#lib/sandbox/view.ts'

export type Pane = 'text' | 'terminal' | 'tasks'

export type LabContext = {
  lab: LabSummary
  sandbox: SandboxControl
  tasks: TaskView[]
  /** Types a fence into a machine's terminal; starts the machine first when it is not there. */
  run: (machine: string, code: string) => void
  show: (pane: Pane) => void
}

const Context = createContext<LabContext | null>(null)

export const LabProvider = Context.Provider

/** The lab beside the text, or null where there is none (a lesson without one, a preview). */
export const useLab = (): LabContext | null => useContext(Context)
