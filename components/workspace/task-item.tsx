'use client'

import clsx from 'clsx'
import { Lightbulb } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { TaskBalloon } from '#components/workspace/task-balloon.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { clock, verdictLine } from '#components/workspace/words.ts'
import type { TaskView } from '#lib/sandbox/view.ts'

type TaskItemProps = {
  task: TaskView
  tasks: TaskView[]
  sandbox: SandboxControl
  /** What to do, where the text does not stand beside it. */
  children?: ReactNode
}

const SPOKEN = {
  pass: 'Done',
  'not-yet': 'Not yet',
  broken: 'Check failed',
  waiting: 'Waiting',
  none: 'Not looked at yet',
}

/** One task of the rail: its number, what is to be achieved, what the examiner sees, and the hints opened so far. */
export function TaskItem({ task, tasks, sandbox, children }: TaskItemProps) {
  const { view, busy } = sandbox
  const line = verdictLine(task, tasks)
  const more = task.hintsTotal - task.hints.length
  return (
    <li className="flex gap-3 py-3" data-testid={`task-${task.id}`} data-verdict={task.verdict ?? 'none'}>
      <TaskBalloon number={tasks.indexOf(task) + 1} verdict={task.verdict} />
      <div className="min-w-0 grow">
        <p className="py-1 text-sm leading-5 font-[560]">
          {task.title}
          <span className="sr-only">: {SPOKEN[task.verdict ?? 'none']}</span>
        </p>
        {children}
        {line && (
          <p
            className={clsx(
              'text-sm break-words',
              task.verdict === 'pass' ? 'text-pass' : task.verdict === 'broken' ? 'text-broken' : 'text-ink-soft',
            )}
          >
            {line}
          </p>
        )}
        {task.wasTrueUntil && task.verdict !== 'pass' && (
          <p className="text-sm text-accent-ink" suppressHydrationWarning>
            Was true until {clock(task.wasTrueUntil)}
          </p>
        )}
        {task.hints.length > 0 && (
          <ol
            className="mt-2 grid gap-2 border-l-2 border-rule pl-3 text-sm"
            aria-label={`Hints for task ${tasks.indexOf(task) + 1}`}
          >
            {task.hints.map((hint) => (
              <li key={hint}>{hint}</li>
            ))}
          </ol>
        )}
        {view && more > 0 && task.verdict !== 'pass' && task.verdict !== 'waiting' && (
          <Button
            size="sm"
            variant="quiet"
            className="mt-1 -ml-2.5"
            disabled={busy === 'hint'}
            onClick={() => sandbox.openHint(task.id, task.hints.length)}
          >
            <Lightbulb size={15} aria-hidden />
            {task.hints.length === 0 ? 'Hint' : 'Next hint'} ({task.hints.length + 1} of {task.hintsTotal})
            <span className="sr-only"> for task {tasks.indexOf(task) + 1}</span>
          </Button>
        )}
      </div>
    </li>
  )
}
