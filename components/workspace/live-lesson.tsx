'use client'

import { type ReactNode, useMemo, useRef } from 'react'
import { Announcer } from '#components/workspace/announcer.tsx'
import { LabProvider } from '#components/workspace/lab-context.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { MachinePanel } from '#components/workspace/machine-panel.tsx'
import { TaskItem } from '#components/workspace/task-item.tsx'
import { useFences } from '#components/workspace/use-fences.ts'
import { useSandbox } from '#components/workspace/use-sandbox.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type LiveLessonProps = {
  lab: LabSummary
  initialView: SandboxView | null
  signedIn: boolean
  /** The one task that is asked for here; the lab may have more. */
  taskId: string
  /** The prediction, drawn by the server. */
  text: ReactNode
  /** Where it goes on, once the task holds. */
  next: ReactNode
}

/** A lesson in small: one prediction, one terminal, one task. It is the lesson's own lab, so nothing done here is lost there. */
export function LiveLesson({ lab, initialView, signedIn, taskId, text, next }: LiveLessonProps) {
  const sandbox = useSandbox(lab.labId, initialView, signedIn)
  const fences = useFences(sandbox)
  const machine = useRef<HTMLElement>(null)
  const tasks = sandbox.view?.tasks ?? lab.tasks
  const task = tasks.find(({ id }) => id === taskId)
  const { run } = fences
  const context = useMemo(() => {
    const show = () => machine.current?.scrollIntoView({ block: 'nearest' })
    return {
      lab,
      sandbox,
      tasks,
      show,
      run: (name: string, code: string) => {
        show()
        run(name, code)
      },
    }
  }, [lab, sandbox, tasks, run])
  return (
    <LabProvider value={context}>
      <Announcer view={sandbox.view} />
      <div className="grid items-stretch gap-6 lg:grid-cols-2">
        <div className="min-w-0">{text}</div>
        <section
          ref={machine}
          aria-label="The machine"
          className="flex min-w-0 scroll-my-4 flex-col border border-rule"
        >
          <div className="h-[26rem] min-h-0 lg:h-auto lg:min-h-[26rem] lg:grow lg:basis-0">
            <MachinePanel
              lab={lab}
              sandbox={sandbox}
              signedIn={signedIn}
              onTerminal={fences.onTerminal}
              front={fences.front}
            />
          </div>
          <div className="border-t border-rule bg-sheet px-4">
            <ol aria-label="The task">{task && <TaskItem task={task} tasks={tasks} sandbox={sandbox} />}</ol>
            {task?.verdict === 'pass' && <p className="border-t border-rule py-3 text-sm">{next}</p>}
          </div>
        </section>
      </div>
    </LabProvider>
  )
}
