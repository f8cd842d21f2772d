'use client'

import { ChevronDown, ChevronUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { ShowSolution } from '#components/workspace/show-solution.tsx'
import { StuckHelp } from '#components/workspace/stuck-help.tsx'
import { TaskItem } from '#components/workspace/task-item.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import type { TaskView } from '#lib/sandbox/view.ts'

type TaskRailProps = {
  tasks: TaskView[]
  sandbox: SandboxControl
  /** There is a reference solution that may be shown and is not yet. */
  solutionHidden: boolean
  /** The look back, once there is one. */
  debrief: ReactNode
  /** Offered after five minutes without progress; null while it is not needed. */
  help: { onNotNow: () => void } | null
  /** Folded up on a wide screen. */
  folded: boolean
  onFold: (folded: boolean) => void
}

/** What is to be achieved, as the examiner sees it right now. */
export function TaskRail({ tasks, sandbox, solutionHidden, debrief, help, folded, onFold }: TaskRailProps) {
  const passed = tasks.filter(({ verdict }) => verdict === 'pass').length
  const solved = sandbox.view?.solvedAt != null
  const Chevron = folded ? ChevronUp : ChevronDown
  return (
    <section aria-label="Tasks" className="px-4 py-3">
      {solved && debrief}
      {help && <StuckHelp tasks={tasks} sandbox={sandbox} solutionHidden={solutionHidden} onNotNow={help.onNotNow} />}
      <div className="flex items-center gap-4">
        <h2 className="label grow">Tasks</h2>
        <p className="font-mono text-xs text-ink-soft" data-testid="tasks-passed">
          {passed} of {tasks.length}
        </p>
        <button
          type="button"
          aria-label="Fold the tasks up"
          aria-expanded={!folded}
          aria-controls="workspace-tasks"
          onClick={() => onFold(!folded)}
          className="-my-1 -mr-2 grid size-8 place-items-center text-ink-soft hover:text-ink max-lg:hidden scripting-none:hidden"
        >
          <Chevron size={16} aria-hidden />
        </button>
      </div>
      <div id="workspace-tasks" className={folded ? 'lg:hidden' : undefined}>
        <ol className="divide-y divide-rule">
          {tasks.map((task) => (
            <TaskItem key={task.id} task={task} tasks={tasks} sandbox={sandbox} />
          ))}
        </ol>
        {solutionHidden && sandbox.view && !solved && <ShowSolution sandbox={sandbox} className="-ml-2.5" />}
        {/* A solution asked for comes where it was asked for, below what is still to do. */}
        {!solved && debrief}
      </div>
    </section>
  )
}
