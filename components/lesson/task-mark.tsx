'use client'

import { InlineCode } from '#components/ui/inline-code.tsx'
import { useLab } from '#components/workspace/lab-context.tsx'
import { TaskBalloon } from '#components/workspace/task-balloon.tsx'
import { verdictLine } from '#components/workspace/words.ts'
import type { TaskProps } from '#lib/content/elements.ts'

/** A task where the text asks for it, ticking together with the rail. */
export function TaskMark({ id, children }: TaskProps) {
  const lab = useLab()
  const tasks = lab?.tasks ?? []
  const index = tasks.findIndex((task) => task.id === id)
  const task = tasks[index]
  return (
    <div className="frame flex gap-3 p-4">
      {task && <TaskBalloon number={index + 1} verdict={task.verdict} />}
      <div className="min-w-0 grow [&>*+*]:mt-3">
        {task && (
          <p className="text-base leading-7 font-[620]">
            <InlineCode text={task.title} />
          </p>
        )}
        {children}
        {task?.verdict && (
          <p className={`text-sm ${task.verdict === 'pass' ? 'text-pass' : 'text-ink-soft'}`}>
            {verdictLine(task, tasks)}
          </p>
        )}
      </div>
    </div>
  )
}
