'use client'

import { CircleStop, ClockPlus, RotateCcw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { PortLinks } from '#components/workspace/port-links.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { countdown, stateWord } from '#components/workspace/words.ts'
import { isLive, isUsable } from '#lib/sandbox/states.ts'

const SOON_SECONDS = 5 * 60

type MachineBarProps = { sandbox: SandboxControl; secondsLeft: number | null; tools: ReactNode }

/** The strip above the terminal: how the machine is, how long it stays, and what can be done with it. */
export function MachineBar({ sandbox, secondsLeft: left, tools }: MachineBarProps) {
  const { view, busy, link } = sandbox
  const usable = view !== null && isUsable(view.state)
  const soon = left !== null && left < SOON_SECONDS
  const dot = usable ? (view.state === 'ready' ? 'bg-pass' : 'bg-accent') : 'bg-rule-strong'
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule bg-paper px-3 py-1">
      <p className="flex items-center gap-2 text-sm" data-testid="sandbox-state" data-state={view?.state ?? 'none'}>
        <span aria-hidden className={`size-2.5 rounded-full ${dot}`} />
        {stateWord(view?.state ?? null)}
        {link === 'cut' && view && isLive(view.state) && <span className="text-ink-soft">· reconnecting …</span>}
      </p>
      {left !== null && (
        <p className={`font-mono text-sm tabular-nums ${soon ? 'font-[650] text-accent-ink' : 'text-ink-soft'}`}>
          <span className="sr-only">Time left: </span>
          {countdown(left)}
        </p>
      )}
      {view && isLive(view.state) && <PortLinks view={view} />}
      <div className="ml-auto flex items-center gap-1">
        {view && isLive(view.state) && (
          <>
            {usable && !view.guest && (
              <Button
                size="sm"
                variant="quiet"
                disabled={busy !== null || view.extensionsLeft === 0}
                onClick={sandbox.extend}
                title={`Can be extended ${view.extensionsLeft} more times`}
              >
                <ClockPlus size={15} aria-hidden />
                <span className="max-sm:sr-only">More time</span>
              </Button>
            )}
            {usable && !view.guest && (
              <ConfirmDialog
                title="Start over with a fresh machine?"
                confirm="Reset the machine"
                onConfirm={sandbox.reset}
                trigger={(open) => (
                  <Button size="sm" variant="quiet" disabled={busy !== null} onClick={open}>
                    <RotateCcw size={15} aria-hidden />
                    <span className="max-sm:sr-only">Reset</span>
                  </Button>
                )}
              >
                <p>
                  Everything on this machine is lost: files, settings, running programs, and the terminal's scrollback.
                </p>
                <p>Your hints and the time stay as they are. Tasks are judged anew on the fresh machine.</p>
              </ConfirmDialog>
            )}
            <ConfirmDialog
              title="End this machine?"
              confirm="End the machine"
              onConfirm={sandbox.end}
              trigger={(open) => (
                <Button size="sm" variant="quiet" disabled={busy !== null} onClick={open}>
                  <CircleStop size={15} aria-hidden />
                  <span className="max-sm:sr-only">End</span>
                </Button>
              )}
            >
              <p>Everything on this machine is lost: files, settings and running programs.</p>
              <p>What you solved, your hints and your times stay in your progress.</p>
            </ConfirmDialog>
          </>
        )}
        {tools}
      </div>
    </div>
  )
}
