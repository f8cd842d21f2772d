'use client'

import { useState } from 'react'
import { useAuthoring } from '#components/authoring/use-authoring.ts'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { InlineCode } from '#components/ui/inline-code.tsx'
import { LocalTime } from '#components/ui/local-time.tsx'
import type { TaskInspection } from '#lib/authoring/get-authoring.ts'

/** For who writes the lab: mistakes in the files, and each check's source, output, verdict and duration. */
export function AuthorPanel() {
  const authoring = useAuthoring()
  const [open, setOpen] = useState(false)
  if (!authoring) return null
  const { problems, inspection } = authoring
  return (
    <aside aria-label="For the author" data-print="hide" className="fixed bottom-3 left-3 z-30 max-w-[min(44rem,92vw)]">
      {open && (
        <div className="mb-2 max-h-[70dvh] space-y-4 overflow-y-auto border border-rule-strong bg-paper p-4 text-sm shadow-lg">
          <Problems problems={problems} />
          {inspection?.needsReset && (
            <Callout tone="warning" label="Reset the machine">
              Machines, files, init, load or variables have changed. They are as they were until the lab is reset.
            </Callout>
          )}
          {inspection && inspection.steps.length > 0 && (
            <Source title="How the machine was prepared" text={inspection.steps.join('\n\n')} />
          )}
          {inspection ? (
            <ol className="space-y-3">
              {inspection.tasks.map((task) => (
                <Inspection key={task.id} task={task} />
              ))}
            </ol>
          ) : (
            <p className="text-ink-soft">Start this page’s lab, and its checks are shown here.</p>
          )}
        </div>
      )}
      <Button size="sm" variant="outline" aria-expanded={open} onClick={() => setOpen(!open)} className="bg-paper">
        Author
        {problems.length > 0 && <span className="text-danger">{problems.length} to mend</span>}
      </Button>
    </aside>
  )
}

function Problems({ problems }: { problems: string[] }) {
  if (problems.length === 0) return <p className="text-sm text-pass">No mistake in the files.</p>
  return (
    <ul aria-label="Mistakes" className="space-y-2">
      {problems.map((problem) => (
        <li key={problem} className="border-l-[3px] border-l-danger pl-3 font-mono text-sm break-words">
          {problem}
        </li>
      ))}
    </ul>
  )
}

function Inspection({ task: { id, title, source, last } }: { task: TaskInspection }) {
  return (
    <li className="border-t border-rule pt-3">
      <p>
        <span className="font-mono text-ink-soft">{id}</span> <InlineCode text={title} />
      </p>
      {last ? (
        <p className="text-ink-soft">
          <strong>{last.verdict}</strong>: {last.evidence} ({last.durationMs} ms, <LocalTime iso={last.at} />)
        </p>
      ) : (
        <p className="text-ink-soft">Not judged yet.</p>
      )}
      {last?.output && <Source title="What it printed" text={last.output} open />}
      <Source title="What is run" text={source} />
    </li>
  )
}

function Source({ title, text, open = false }: { title: string; text: string; open?: boolean }) {
  return (
    <details open={open} className="mt-1">
      <summary className="cursor-pointer">{title}</summary>
      <pre className="mt-1 max-h-60 overflow-auto border border-rule bg-well p-2 font-mono text-xs">{text}</pre>
    </details>
  )
}
