'use client'

import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
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
}

/** What is to be achieved, as the examiner sees it right now. */
export function TaskRail({ tasks, sandbox, solutionHidden, debrief }: TaskRailProps) {
  const passed = tasks.filter(({ verdict }) => verdict === 'pass').length
  return (
    <section aria-label="Tasks" className="px-4 py-3">
      {debrief}
      <div className="flex items-baseline justify-between gap-4">
        <h2 className="label">Tasks</h2>
        <p className="font-mono text-xs text-ink-soft" data-testid="tasks-passed">
          {passed} of {tasks.length}
        </p>
      </div>
      <ol className="divide-y divide-rule">
        {tasks.map((task) => (
          <TaskItem key={task.id} task={task} tasks={tasks} sandbox={sandbox} />
        ))}
      </ol>
      {solutionHidden && sandbox.view && !sandbox.view.solvedAt && (
        <ConfirmDialog
          title="Show the solution?"
          confirm="Show it"
          cancel="Not yet"
          onConfirm={sandbox.revealSolution}
          trigger={(open) => (
            <Button size="sm" variant="quiet" className="-ml-2.5" disabled={sandbox.busy !== null} onClick={open}>
              Show the solution
            </Button>
          )}
        >
          <p>This attempt is then marked as assisted in your progress, for good. It can still be solved.</p>
          <p>The hints go one step at a time and leave no mark.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}
