'use client'

import '@xterm/xterm/css/xterm.css'
import { Download, Search } from 'lucide-react'
import { type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from 'react'
import { ConnectionBadge } from '#components/terminal/connection-badge.tsx'
import { TerminalController } from '#components/terminal/controller.ts'
import { KeyBar } from '#components/terminal/key-bar.tsx'
import { Question } from '#components/terminal/question.tsx'
import { SearchBar } from '#components/terminal/search-bar.tsx'
import { useTerminalSettings } from '#components/terminal/settings.ts'
import { SettingsMenu } from '#components/terminal/settings-menu.tsx'
import { Button } from '#components/ui/button.tsx'
import type { ConnectionState } from '#lib/terminal/connection.ts'

export type TerminalHandle = {
  /** Types text into the shell, visibly; each line end is Enter. Typed once, whatever the connection does. */
  type: (text: string) => void
  focus: () => void
}

type TerminalProps = { sandboxId: string; machine: string; terminal: string; ref?: Ref<TerminalHandle> }

const TOOL = 'grid size-9 shrink-0 place-items-center text-ink-soft hover:text-ink aria-pressed:text-accent-ink'

/** One terminal on a machine of a sandbox. Load it lazily and without server rendering: it brings the emulator along. */
export default function Terminal({ sandboxId, machine, terminal, ref }: TerminalProps) {
  const id = useId()
  const host = useRef<HTMLDivElement>(null)
  const leaveTo = useRef<HTMLButtonElement>(null)
  const live = useRef<TerminalController | null>(null)
  /** Typed before the emulator was there. */
  const early = useRef<string[]>([])
  const [controller, setController] = useState<TerminalController | null>(null)
  const [state, setState] = useState<ConnectionState>({ kind: 'connecting' })
  const [exitCode, setExitCode] = useState<number | null>(null)
  const [message, setMessage] = useState('')
  const [clipboard, setClipboard] = useState<string | null>(null)
  const [paste, setPaste] = useState<string | null>(null)
  const [searching, setSearching] = useState(false)
  const [ctrl, setCtrl] = useState(false)
  const settings = useTerminalSettings()
  const settingsAtStart = useRef(settings)

  useEffect(() => {
    if (!host.current) return
    const created = new TerminalController({
      element: host.current,
      sandboxId,
      machine,
      terminal,
      settings: settingsAtStart.current,
      onState: setState,
      onExit: setExitCode,
      onMessage: setMessage,
      onClipboard: setClipboard,
      onRiskyPaste: setPaste,
      onLeave: () => leaveTo.current?.focus(),
      onSearch: () => setSearching(true),
      onCtrlUsed: () => setCtrl(false),
    })
    live.current = created
    setController(created)
    for (const text of early.current.splice(0)) created.type(text)
    return () => {
      live.current = null
      setController(null)
      created.dispose()
    }
  }, [sandboxId, machine, terminal])

  useEffect(() => controller?.apply(settings), [controller, settings])

  const focus = () => live.current?.emulator.terminal.focus()
  useImperativeHandle(ref, () => ({
    type: (text) => (live.current ? live.current.type(text) : early.current.push(text)),
    focus: () => live.current?.emulator.terminal.focus(),
  }))

  return (
    <section
      aria-label={`Terminal ${terminal} on ${machine}`}
      aria-describedby={`${id}-way-out`}
      className="flex h-full min-h-0 flex-col"
    >
      <div className="flex items-center gap-1 border-b border-rule px-2">
        <ConnectionBadge state={state} />
        <p
          id={`${id}-way-out`}
          className="min-w-0 grow truncate px-2 text-xs text-ink-soft max-sm:invisible pointer-coarse:invisible"
        >
          Ctrl+F6 leaves the terminal
        </p>
        <button
          ref={leaveTo}
          type="button"
          aria-label="Find in the terminal"
          title="Find (Ctrl+Shift+F)"
          aria-pressed={searching}
          onClick={() => setSearching(!searching)}
          className={TOOL}
        >
          <Search size={16} aria-hidden />
        </button>
        <button
          type="button"
          aria-label="Save the scrollback as text"
          title="Save as text"
          onClick={() => controller && save(`${machine}-${terminal}.txt`, controller.emulator.text())}
          className={TOOL}
        >
          <Download size={16} aria-hidden />
        </button>
        <SettingsMenu className={TOOL} />
      </div>
      {searching && controller && (
        <SearchBar
          search={controller.emulator.search}
          onClose={() => {
            setSearching(false)
            focus()
          }}
        />
      )}
      {/* xterm measures the box without its padding only one element further out. */}
      <div className="min-h-0 grow bg-[var(--term-background,light-dark(#ffffff,#081527))] p-2">
        <div ref={host} className="h-full overflow-hidden font-mono" />
      </div>
      {exitCode !== null && state.kind !== 'ended' && (
        <Bar
          text={`The shell ended with code ${exitCode}.`}
          action="Restart the shell"
          onAction={() => controller?.restart()}
        />
      )}
      {state.kind === 'ended' && (
        <Bar text={endOf(state)} action="Reload the page" onAction={() => location.reload()} />
      )}
      {clipboard !== null && (
        <Bar
          text={`A program on this machine wants to copy ${clipboard.length} characters to your clipboard.`}
          action="Copy"
          onAction={() => {
            void navigator.clipboard?.writeText(clipboard).catch(() => setMessage('The browser did not allow copying.'))
            setClipboard(null)
            focus()
          }}
          onDismiss={() => {
            setClipboard(null)
            focus()
          }}
        />
      )}
      {message && <Bar text={message} onDismiss={() => setMessage('')} />}
      <KeyBar
        ctrl={ctrl}
        onCtrl={() => {
          setCtrl(!ctrl)
          if (controller) controller.ctrlArmed = !ctrl
          focus()
        }}
        onKey={(send) => controller?.press(send)}
      />
      {paste !== null && (
        <Question
          title="Paste several lines?"
          yes="Paste"
          no="Do not paste"
          onYes={() => {
            controller?.paste(paste)
            setPaste(null)
            focus()
          }}
          onNo={() => {
            setPaste(null)
            focus()
          }}
        >
          <p className="mt-2 text-sm text-ink-soft">A shell may run each line as soon as it arrives.</p>
          <pre className="mt-3 max-h-48 overflow-auto border border-rule bg-well p-2 font-mono text-xs">
            {paste.slice(0, 4000)}
          </pre>
        </Question>
      )}
    </section>
  )
}

type BarProps = { text: string; action?: string; onAction?: () => void; onDismiss?: () => void }

function Bar({ text, action, onAction, onDismiss }: BarProps) {
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 border-t border-rule bg-sheet px-3 py-2 text-sm">
      <span className="min-w-0 grow">{text}</span>
      {action && (
        <Button size="sm" onClick={onAction}>
          {action}
        </Button>
      )}
      {onDismiss && (
        <Button size="sm" variant="quiet" onClick={onDismiss}>
          Dismiss
        </Button>
      )}
    </div>
  )
}

const ENDS: Record<string, string> = {
  gone: 'This machine has ended.',
  'not-found': 'This machine is not there any more.',
  unauthenticated: 'You are signed out. Sign in again to go on; your machine is still there.',
  protocol: 'This page does not match the server any more.',
}

const endOf = ({ code, reason }: { code: string; reason: string }) =>
  reason || ENDS[code] || 'The connection has ended.'

function save(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
