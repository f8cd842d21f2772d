'use client'

import { Lightbulb } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { ShowSolution } from '#components/workspace/show-solution.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { verdictLine } from '#components/workspace/words.ts'
import type { TaskView } from '#lib/sandbox/view.ts'

type StuckHelpProps = {
  tasks: TaskView[]
  sandbox: SandboxControl
  solutionHidden: boolean
  onNotNow: () => void
}

/** After five minutes without progress: what is seen, then the next hint, and only after the last one the solution. */
export function StuckHelp({ tasks, sandbox, solutionHidden, onNotNow }: StuckHelpProps) {
  const task = tasks.find(({ verdict }) => verdict !== 'pass' && verdict !== 'waiting')
  if (!task) return null
  const number = tasks.indexOf(task) + 1
  const opened = task.hints.length
  const more = task.hintsTotal - opened
  return (
    <section
      aria-label="Help"
      className="mb-4 border border-l-[3px] border-rule border-l-accent bg-accent-wash px-4 py-3"
    >
      <p role="status" className="text-sm font-[620]">
        Stuck on task {number}? It happens to everybody.
      </p>
      <p className="mt-1 text-sm">
        <span className="text-ink-soft">The examiner sees: </span>
        {verdictLine(task, tasks) || 'nothing of it yet.'}
      </p>
      <p className="mt-1 text-sm text-ink-soft">
        {more > 0
          ? 'The next step is a hint. Hints are free.'
          : solutionHidden
            ? 'All its hints are open. The last step is the solution.'
            : 'All its hints are open. The text goes through it step by step; a reset gives you a fresh machine.'}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        {more > 0 && (
          <Button size="sm" disabled={sandbox.busy === 'hint'} onClick={() => sandbox.openHint(task.id, opened)}>
            <Lightbulb size={15} aria-hidden />
            Show hint {opened + 1} of {task.hintsTotal}
          </Button>
        )}
        {more === 0 && solutionHidden && <ShowSolution sandbox={sandbox} />}
        <Button size="sm" variant="quiet" onClick={onNotNow}>
          Not now
        </Button>
      </div>
    </section>
  )
}
