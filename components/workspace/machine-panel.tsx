'use client'

import type { ReactNode } from 'react'
import { SignInLink } from '#components/shell/sign-in-link.tsx'
import type { TerminalHandle } from '#components/terminal/terminal.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { ExpiryNotice } from '#components/workspace/expiry-notice.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { MachineBar } from '#components/workspace/machine-bar.tsx'
import { StartPanel } from '#components/workspace/start-panel.tsx'
import { Terminals } from '#components/workspace/terminals.tsx'
import { useReadyNotice } from '#components/workspace/use-ready-notice.ts'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { useSecondsLeft } from '#components/workspace/use-seconds-left.ts'
import { WaitingPanel } from '#components/workspace/waiting-panel.tsx'
import { isOver, isUsable } from '#lib/sandbox/states.ts'

type MachinePanelProps = {
  lab: LabSummary
  sandbox: SandboxControl
  signedIn: boolean
  /** Hands over the first terminal of each machine, the one that fences are typed into. */
  onTerminal: (machine: string, handle: TerminalHandle | null) => void
  /** The machine that a fence was last sent to; a new object for each. */
  front: { machine: string } | null
  /** What else the bar above the terminal carries. */
  tools?: ReactNode
  /** What stands where no machine is, instead of the usual. */
  start?: ReactNode
}

/** The machine's half of the workspace, whatever state it is in. */
export function MachinePanel({ lab, sandbox, signedIn, onTerminal, front, tools, start }: MachinePanelProps) {
  const { view, problem, clockSkewMs } = sandbox
  const notice = useReadyNotice(view, lab.title)
  const secondsLeft = useSecondsLeft(view && isUsable(view.state) ? view.expiresAt : null, clockSkewMs)
  return (
    <div className="flex h-full min-h-0 flex-col">
      <MachineBar sandbox={sandbox} secondsLeft={secondsLeft} tools={tools} />
      <ExpiryNotice sandbox={sandbox} secondsLeft={secondsLeft} />
      {problem && (
        <div className="p-3">
          <Callout tone="danger" role="alert">
            <p>{problem}</p>
            {sandbox.link === 'signed-out' && (
              <p>
                <SignInLink className="lesson-link">Sign in again</SignInLink>
              </p>
            )}
          </Callout>
        </div>
      )}
      {view?.state === 'degraded' && (
        <div className="p-3">
          <Callout tone="warning" role="status">
            {view.reason ?? 'Part of your machine does not answer right now.'} What you did is kept.
          </Callout>
        </div>
      )}
      <div className="min-h-0 grow overflow-auto">
        {!view || isOver(view.state) ? (
          start || <StartPanel lab={lab} sandbox={sandbox} signedIn={signedIn} />
        ) : isUsable(view.state) ? (
          <Terminals key={view.id} view={view} onTerminal={onTerminal} front={front} />
        ) : view.state === 'ending' ? (
          <WaitingPanel
            notice={null}
            waiting={{
              stage: 'Taking the machine apart',
              detail: view.reason ?? '',
              etaSeconds: 10,
              queuePosition: null,
            }}
          />
        ) : (
          <WaitingPanel waiting={view.waiting} notice={notice} />
        )}
      </div>
    </div>
  )
}
