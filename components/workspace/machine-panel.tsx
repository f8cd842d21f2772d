'use client'

import clsx from 'clsx'
import { useState } from 'react'
import type { TerminalHandle } from '#components/terminal/terminal.tsx'
import { Callout } from '#components/ui/callout.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { MachineBar } from '#components/workspace/machine-bar.tsx'
import { StartPanel } from '#components/workspace/start-panel.tsx'
import { TerminalSlot } from '#components/workspace/terminal-slot.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { WaitingPanel } from '#components/workspace/waiting-panel.tsx'
import { isOver, isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type MachinePanelProps = {
  lab: LabSummary
  sandbox: SandboxControl
  signedIn: boolean
  /** Hands over the first terminal of each machine, the one that fences are typed into. */
  onTerminal: (machine: string, handle: TerminalHandle | null) => void
}

/** The machine's half of the workspace, whatever state it is in. */
export function MachinePanel({ lab, sandbox, signedIn, onTerminal }: MachinePanelProps) {
  const { view, problem } = sandbox
  return (
    <div className="flex h-full min-h-0 flex-col">
      <MachineBar sandbox={sandbox} />
      {problem && (
        <div className="p-3">
          <Callout tone="danger" role="alert">
            {problem}
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
          <StartPanel lab={lab} sandbox={sandbox} signedIn={signedIn} />
        ) : isUsable(view.state) ? (
          <Terminals key={view.id} view={view} onTerminal={onTerminal} />
        ) : view.state === 'ending' ? (
          <WaitingPanel
            waiting={{
              stage: 'Taking the machine apart',
              detail: view.reason ?? '',
              etaSeconds: 10,
              queuePosition: null,
            }}
          />
        ) : (
          <WaitingPanel waiting={view.waiting} />
        )}
      </div>
    </div>
  )
}

function Terminals({ view, onTerminal }: { view: SandboxView; onTerminal: MachinePanelProps['onTerminal'] }) {
  const all = view.machines.flatMap(({ name, terminals }) =>
    terminals.map((terminal, at) => ({ machine: name, terminal, first: at === 0 })),
  )
  const [shown, setShown] = useState(0)
  const [opened, setOpened] = useState([0])
  return (
    <div className="flex h-full min-h-0 flex-col">
      {all.length > 1 && (
        <fieldset aria-label="Terminals" className="flex gap-1 overflow-x-auto border-b border-rule px-2">
          {all.map(({ machine, terminal }, index) => (
            <button
              key={`${machine}/${terminal}`}
              type="button"
              aria-pressed={index === shown}
              onClick={() => {
                setShown(index)
                setOpened((before) => (before.includes(index) ? before : [...before, index]))
              }}
              className={clsx(
                'min-h-9 border-b-2 px-2 font-mono text-xs whitespace-nowrap',
                index === shown ? 'border-accent' : 'border-transparent text-ink-soft',
              )}
            >
              {machine} · {terminal}
            </button>
          ))}
        </fieldset>
      )}
      {all.map(({ machine, terminal, first }, index) =>
        opened.includes(index) ? (
          <div key={`${machine}/${terminal}`} className={clsx('min-h-0 grow', index !== shown && 'hidden')}>
            <TerminalSlot
              sandboxId={view.id}
              machine={machine}
              terminal={terminal}
              ref={first ? (handle: TerminalHandle | null) => onTerminal(machine, handle) : null}
            />
          </div>
        ) : null,
      )}
    </div>
  )
}
