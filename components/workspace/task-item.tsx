'use client'

import clsx from 'clsx'
import { Lightbulb } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { InlineCode } from '#components/ui/inline-code.tsx'
import { AnswerForm } from '#components/workspace/answer-form.tsx'
import { ReportCheck } from '#components/workspace/report-check.tsx'
import { TaskBalloon } from '#components/workspace/task-balloon.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { clock, verdictLine } from '#components/workspace/words.ts'
import { isUsable } from '#lib/sandbox/states.ts'
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
  const number = tasks.indexOf(task) + 1
  const { answer } = task
  const unanswered = answer?.value === null && task.verdict !== 'waiting'
  const line = answer?.checking ? 'Checking …' : unanswered ? '' : verdictLine(task, tasks)
  const more = task.hintsTotal - task.hints.length
  return (
    <li className="flex gap-3 py-3" data-testid={`task-${task.id}`} data-verdict={task.verdict ?? 'none'}>
      <TaskBalloon number={number} verdict={task.verdict} />
      <div className="min-w-0 grow">
        <p className="py-1 text-sm leading-5 font-[560]">
          <InlineCode text={task.title} />
          <span className="sr-only">: {SPOKEN[task.verdict ?? 'none']}</span>
        </p>
        {children}
        {answer && task.verdict !== 'waiting' && <AnswerForm taskId={task.id} answer={answer} sandbox={sandbox} />}
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
            It held until {clock(task.wasTrueUntil)}
          </p>
        )}
        {task.hints.length > 0 && (
          <ol className="mt-2 grid gap-2 border-l-2 border-rule pl-3 text-sm" aria-label={`Hints for task ${number}`}>
            {task.hints.map((hint) => (
              <li key={hint}>
                <InlineCode text={hint} />
              </li>
            ))}
          </ol>
        )}
        <div className="mt-1 flex flex-wrap items-center gap-x-3 empty:hidden">
          {view && more > 0 && task.verdict !== 'pass' && task.verdict !== 'waiting' && (
            <Button
              size="sm"
              variant="quiet"
              className="-ml-2.5"
              disabled={busy === 'hint'}
              onClick={() => sandbox.openHint(task.id, task.hints.length)}
            >
              <Lightbulb size={15} aria-hidden />
              {task.hints.length === 0 ? 'Hint' : 'Next hint'} ({task.hints.length + 1} of {task.hintsTotal})
              <span className="sr-only"> for task {number}</span>
            </Button>
          )}
          {view && isUsable(view.state) && line && (task.verdict === 'not-yet' || task.verdict === 'broken') && (
            <ReportCheck taskId={task.id} number={number} sandbox={sandbox} />
          )}
        </div>
      </div>
    </li>
  )
}
