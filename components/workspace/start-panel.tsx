'use client'

import { Play } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { clock } from '#components/workspace/words.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type StartPanelProps = { lab: LabSummary; sandbox: SandboxControl; signedIn: boolean }

/** Where the terminal will be, while there is none: before the first start, and after an end with its reason. */
export function StartPanel({ lab, sandbox, signedIn }: StartPanelProps) {
  const { view, busy } = sandbox
  const { title, text, again } = endingWords(view, lab.unavailable, lab.gives)
  return (
    <div className="squared grid h-full content-center justify-items-center p-6">
      <div className="frame w-full max-w-md p-6">
        <p className="label">
          {view
            ? 'Machine'
            : `${lab.machines.length} machine${lab.machines.length > 1 ? 's' : ''} · ${lab.minutes} minutes`}
        </p>
        <p className="mt-2 text-lg font-[620]">{title}</p>
        <div className="mt-2 grid gap-2 text-sm text-ink-soft">{text}</div>
        {!lab.unavailable && (
          <>
            {/* A form: React keeps a submission that comes before the page is alive, and carries it out then. */}
            <form action={() => sandbox.start()} className="scripting-none:hidden">
              <Button type="submit" variant="primary" className="mt-5" disabled={busy === 'start'}>
                <Play size={16} aria-hidden />
                {busy === 'start' ? 'Starting …' : again ? 'Start a new machine' : 'Start the machine'}
              </Button>
            </form>
            <p className="mt-3 hidden text-sm text-ink-soft scripting-none:block">
              Machines need JavaScript. The text can be read without it.
            </p>
          </>
        )}
        {!signedIn && !lab.unavailable && (
          <p className="mt-3 text-sm text-ink-soft scripting-none:hidden">
            You sign in first, and come back to this page.
          </p>
        )}
      </div>
    </div>
  )
}

/** What became of a machine, or that there was none, in words. */
export function endingWords(
  view: SandboxView | null,
  unavailable: string | null,
  gives = '',
): { title: string; text: ReactNode; again: boolean } {
  if (unavailable) {
    return {
      title: 'Not available here',
      text: (
        <>
          <p>{unavailable}</p>
          <p>The text can be read all the same.</p>
        </>
      ),
      again: false,
    }
  }
  if (!view) {
    return {
      title: 'A machine of your own, waiting for its first command',
      text: <p>{gives} Nothing you do there can harm anything outside; when you end it, it is gone.</p>,
      again: false,
    }
  }
  const kept = <p>Your results, hints and times are kept. A new machine starts empty.</p>
  const reason = view.reason && <p>{view.reason}</p>
  switch (view.state) {
    case 'failed':
      return {
        title: 'The machine could not be started',
        text: (
          <>
            {reason}
            {kept}
          </>
        ),
        again: true,
      }
    case 'lost':
      return {
        title: 'The machine was lost',
        text: (
          <>
            {reason}
            {kept}
          </>
        ),
        again: true,
      }
    default: {
      const expired = view.endedAt !== null && view.endedAt >= view.expiresAt
      const title = expired ? 'Time is up' : 'The machine has ended'
      const at = view.endedAt && <p suppressHydrationWarning>The machine ended at {clock(view.endedAt)}.</p>
      return {
        title,
        text: (
          <>
            {expired ? at : reason || at}
            {kept}
          </>
        ),
        again: true,
      }
    }
  }
}
