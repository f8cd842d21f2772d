'use client'

import { type ReactNode, useMemo, useRef } from 'react'
import { SignInLink } from '#components/shell/sign-in-link.tsx'
import type { TerminalHandle } from '#components/terminal/terminal.tsx'
import { buttonClass } from '#components/ui/button.tsx'
import { Announcer } from '#components/workspace/announcer.tsx'
import { GuestStart } from '#components/workspace/guest-start.tsx'
import { LabProvider } from '#components/workspace/lab-context.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { MachinePanel } from '#components/workspace/machine-panel.tsx'
import { TaskItem } from '#components/workspace/task-item.tsx'
import { useFences } from '#components/workspace/use-fences.ts'
import { type StartsAs, useSandbox } from '#components/workspace/use-sandbox.ts'
import { isLive } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type LiveLessonProps = {
  lab: LabSummary
  initialView: SandboxView | null
  startsAs: StartsAs
  /** The one task that is asked for here; the lab may have more. */
  taskId: string
  /** What the lesson says about it, drawn by the server. */
  taskText: ReactNode
  /** The prediction, drawn by the server. */
  text: ReactNode
  /** Where it goes on once the task holds: for who has an account, and for a guest. */
  next: { user: ReactNode; guest: ReactNode }
}

/** A lesson in small: one prediction, one terminal, one task. It is the lesson's own lab, so nothing done here is lost there. */
export function LiveLesson({ lab, initialView, startsAs, taskId, taskText, text, next }: LiveLessonProps) {
  const sandbox = useSandbox(lab.labId, initialView, startsAs)
  const fences = useFences(sandbox)
  const machine = useRef<HTMLElement>(null)
  /** A click on the place of the terminal asked for it: the keys are for the shell once it is there. */
  const clicked = useRef(false)
  const { view } = sandbox
  const tasks = view?.tasks ?? lab.tasks
  const task = tasks.find(({ id }) => id === taskId)
  const done = task?.verdict === 'pass'
  const guest = view?.guest ?? startsAs === 'guest'
  const live = view !== null && isLive(view.state)
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

  function onTerminal(name: string, handle: TerminalHandle | null) {
    fences.onTerminal(name, handle)
    if (!handle || !clicked.current) return
    // Unless they have gone to work elsewhere meanwhile. The first handle may come before the emulator.
    const here = document.activeElement
    const free = here === document.body || machine.current?.contains(here)
    if (free) handle.focus()
    clicked.current = free === true && document.activeElement === here
  }
  function onStart() {
    clicked.current = true
    sandbox.start()
  }

  return (
    <LabProvider value={context}>
      <Announcer view={view} />
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
              signedIn={startsAs === 'user'}
              onTerminal={onTerminal}
              front={fences.front}
              start={guest && !lab.unavailable && <GuestStart lab={lab} sandbox={sandbox} onStart={onStart} />}
              tools={
                guest &&
                live &&
                !done && (
                  <SignInLink className={buttonClass({ size: 'sm', variant: 'outline' })}>
                    <span>
                      Sign in<span className="max-sm:sr-only"> to keep it</span>
                    </span>
                  </SignInLink>
                )
              }
            />
          </div>
          <div className="border-t border-rule bg-sheet px-4">
            <ol aria-label="The task">
              {task && (
                <TaskItem task={task} tasks={tasks} sandbox={sandbox}>
                  {!done && <div className="lesson py-1 text-sm text-ink-soft">{taskText}</div>}
                </TaskItem>
              )}
            </ol>
            {/* Where a guest's machine has ended, its place says how to keep the result. */}
            {done && (live || !guest) && (
              <div className="border-t border-rule py-3 text-sm">{guest ? next.guest : next.user}</div>
            )}
          </div>
        </section>
      </div>
    </LabProvider>
  )
}
