'use client'

import clsx from 'clsx'
import { Tabs } from 'radix-ui'
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { TerminalHandle } from '#components/terminal/terminal.tsx'
import { Announcer } from '#components/workspace/announcer.tsx'
import { LabProvider, type Pane } from '#components/workspace/lab-context.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { MachinePanel } from '#components/workspace/machine-panel.tsx'
import { SplitHandle } from '#components/workspace/split-handle.tsx'
import { TaskRail } from '#components/workspace/task-rail.tsx'
import { useSandbox } from '#components/workspace/use-sandbox.ts'
import { isOver, isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type WorkspaceProps = {
  lab: LabSummary
  initialView: SandboxView | null
  signedIn: boolean
  split: number
  /** The lesson or the challenge's brief, drawn by the server. */
  text: ReactNode
  /** The look back on a solved or assisted attempt, drawn by the server. */
  debrief: ReactNode
  solutionHidden: boolean
}

/** Text beside a machine and its tasks; on a narrow screen one of the three at a time. */
export function Workspace({ lab, initialView, signedIn, split, text, debrief, solutionHidden }: WorkspaceProps) {
  const sandbox = useSandbox(lab.labId, initialView, signedIn)
  const { view, start } = sandbox
  const [pane, setPane] = useState<Pane>('text')
  const [percent, setPercent] = useState(split)
  useTextScroll(pane)

  const handles = useRef(new Map<string, TerminalHandle>())
  const pending = useRef<{ machine: string; code: string } | null>(null)
  const type = useCallback(() => {
    const handle = pending.current && handles.current.get(pending.current.machine)
    if (!handle || !pending.current) return
    handle.type(`${pending.current.code}\n`)
    pending.current = null
  }, [])
  const onTerminal = useCallback(
    (machine: string, handle: TerminalHandle | null) => {
      if (handle) handles.current.set(machine, handle)
      else handles.current.delete(machine)
      type()
    },
    [type],
  )
  // A fence that waited for a machine which never came must not run in the next one.
  useEffect(() => {
    if (view && !isUsable(view.state) && (isOver(view.state) || view.state === 'ending')) pending.current = null
  }, [view])

  const tasks = view?.tasks ?? lab.tasks
  const context = useMemo(
    () => ({
      lab,
      sandbox,
      tasks,
      show: setPane,
      run(machine: string, code: string) {
        pending.current = { machine, code }
        setPane('terminal')
        if (!view || isOver(view.state)) start()
        else type()
      },
    }),
    [lab, sandbox, tasks, view, start, type],
  )
  const passed = tasks.filter(({ verdict }) => verdict === 'pass').length
  const current = tasks.find(({ verdict }) => verdict !== 'pass')

  return (
    <LabProvider value={context}>
      <Announcer view={view} />
      {/* Where the text is not shown, its heading still says what the page is. */}
      {pane !== 'text' && <h1 className="sr-only lg:hidden">{lab.title}</h1>}
      <Tabs.Root
        value={pane}
        onValueChange={(next) => setPane(next as Pane)}
        className="flex min-h-0 grow flex-col"
        style={{ '--split': `${percent}%` } as object}
      >
        <Tabs.List
          aria-label="Parts of the page"
          data-print="hide"
          className="sticky top-0 z-20 grid grid-cols-3 border-b border-rule bg-paper lg:hidden"
        >
          <PaneTab value="text">Text</PaneTab>
          <PaneTab value="terminal">Terminal</PaneTab>
          <PaneTab value="tasks">
            Tasks{' '}
            <span className="font-mono text-xs">
              {passed}/{tasks.length}
            </span>
          </PaneTab>
        </Tabs.List>
        <div data-print="flow" className="flex min-h-0 grow">
          <Tabs.Content
            forceMount
            value="text"
            tabIndex={-1}
            data-print="flow"
            className="relative w-full min-w-0 max-lg:data-[state=inactive]:hidden lg:w-[var(--split)] lg:shrink-0 lg:overflow-y-auto print:block!"
          >
            <div id="workspace-text">{text}</div>
          </Tabs.Content>
          <SplitHandle percent={percent} onChange={setPercent} controls="workspace-text" />
          <div data-print="hide" className={clsx('min-w-0 grow flex-col lg:flex', pane === 'text' ? 'hidden' : 'flex')}>
            <Tabs.Content
              forceMount
              value="terminal"
              tabIndex={-1}
              className="flex min-h-0 flex-col max-lg:h-[calc(100dvh-6.25rem)] max-lg:data-[state=inactive]:hidden lg:grow"
            >
              {current && view && (
                <p className="truncate border-b border-rule bg-sheet px-3 py-1.5 text-sm lg:hidden">
                  <span className="font-mono text-ink-soft">{tasks.indexOf(current) + 1}</span> {current.title}
                </p>
              )}
              <MachinePanel lab={lab} sandbox={sandbox} signedIn={signedIn} onTerminal={onTerminal} />
            </Tabs.Content>
            <Tabs.Content
              forceMount
              value="tasks"
              tabIndex={-1}
              className="relative bg-sheet max-lg:grow max-lg:data-[state=inactive]:hidden lg:max-h-[46%] lg:overflow-y-auto lg:border-t lg:border-rule"
            >
              <TaskRail tasks={tasks} sandbox={sandbox} debrief={debrief} solutionHidden={solutionHidden} />
            </Tabs.Content>
          </div>
        </div>
      </Tabs.Root>
    </LabProvider>
  )
}

function PaneTab({ value, children }: { value: Pane; children: ReactNode }) {
  return (
    <Tabs.Trigger
      value={value}
      className="min-h-11 border-b-2 focus-visible:-outline-offset-2 border-transparent text-sm text-ink-soft data-[state=active]:border-accent data-[state=active]:text-ink"
    >
      {children}
    </Tabs.Trigger>
  )
}

/** On a narrow screen the page itself scrolls: going to the terminal and back returns to the same line of the text. */
function useTextScroll(pane: Pane): void {
  const scrollY = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (pane !== 'text') return
    if (scrollY.current !== null) scrollTo(0, scrollY.current)
    const remember = () => {
      scrollY.current = window.scrollY
    }
    addEventListener('scroll', remember, { passive: true })
    return () => removeEventListener('scroll', remember)
  }, [pane])
}
