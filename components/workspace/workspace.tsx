'use client'

import clsx from 'clsx'
import { PanelLeftClose, PanelLeftOpen, PanelRightClose, PanelRightOpen } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { usePageActions } from '#components/commands/page-actions.ts'
import { InlineCode } from '#components/ui/inline-code.tsx'
import { TabPanel, Tabs } from '#components/ui/tabs.tsx'
import { Announcer } from '#components/workspace/announcer.tsx'
import { LabProvider, type Pane } from '#components/workspace/lab-context.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { MachinePanel } from '#components/workspace/machine-panel.tsx'
import { PaneTabs } from '#components/workspace/pane-tabs.tsx'
import { PanelButton } from '#components/workspace/panel-button.tsx'
import { type Panels, RAIL, SPLIT } from '#components/workspace/panels.ts'
import { SplitHandle } from '#components/workspace/split-handle.tsx'
import { TaskRail } from '#components/workspace/task-rail.tsx'
import { useFences } from '#components/workspace/use-fences.ts'
import { usePanels } from '#components/workspace/use-panels.ts'
import { useSandbox } from '#components/workspace/use-sandbox.ts'
import { useStuck } from '#components/workspace/use-stuck.ts'
import { useTextScroll } from '#components/workspace/use-text-scroll.ts'
import { workspaceActions } from '#components/workspace/workspace-actions.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type WorkspaceProps = {
  lab: LabSummary
  initialView: SandboxView | null
  signedIn: boolean
  panels: Panels
  /** The lesson or the challenge's brief, drawn by the server. */
  text: ReactNode
  /** The look back on a solved or assisted attempt, drawn by the server. */
  debrief: ReactNode
  solutionHidden: boolean
}

/** Text beside a machine and its tasks; on a narrow screen one of the three at a time. */
export function Workspace({
  lab,
  initialView,
  signedIn,
  panels: initialPanels,
  text,
  debrief,
  solutionHidden,
}: WorkspaceProps) {
  const sandbox = useSandbox(lab.labId, initialView, signedIn ? 'user' : 'nobody')
  const { view } = sandbox
  const [pane, setPane] = useState<Pane>('text')
  const [panels, setPanels] = usePanels(initialPanels)
  const { stuck, notNow } = useStuck(view)
  useTextScroll(pane)

  const { run, front, onTerminal, focus } = useFences(sandbox)
  const tasks = view?.tasks ?? lab.tasks
  const { layout } = panels
  const context = useMemo(
    () => ({
      lab,
      sandbox,
      tasks,
      show: setPane,
      run(machine: string, code: string) {
        setPane('terminal')
        if (layout === 'text') setPanels({ layout: 'both' })
        run(machine, code)
      },
    }),
    [lab, sandbox, tasks, run, layout, setPanels],
  )
  const passed = tasks.filter(({ verdict }) => verdict === 'pass').length
  const current = tasks.find(({ verdict }) => verdict !== 'pass')

  /** Hides a half or shows it again, and leaves the focus where that can be taken back. */
  function arrange(next: Panels['layout'], button: string) {
    setPanels({ layout: next })
    requestAnimationFrame(() => document.getElementById(button)?.focus())
  }
  const machine = lab.machines[0]?.name ?? ''
  usePageActions(
    workspaceActions({
      sandbox,
      panels,
      setPanels,
      show: setPane,
      focusTerminal: () => {
        setPane('terminal')
        if (layout === 'text') setPanels({ layout: 'both' })
        requestAnimationFrame(() => focus(machine))
      },
    }),
  )

  return (
    <LabProvider value={context}>
      <Announcer view={view} />
      {/* Where the text is not shown, its heading still says what the page is. */}
      <h1 className={clsx('sr-only', pane === 'text' && 'max-lg:hidden', layout !== 'machine' && 'lg:hidden')}>
        {lab.title}
      </h1>
      <Tabs
        value={pane}
        onValueChange={(next) => setPane(next as Pane)}
        className="flex min-h-0 grow flex-col"
        style={
          {
            '--split': layout === 'text' ? '100%' : `${panels.split}%`,
            ...(panels.rail !== 'auto' && panels.rail > 0 && { '--rail': `${panels.rail}%` }),
          } as object
        }
      >
        <PaneTabs passed={passed} total={tasks.length} help={stuck} />
        <div data-print="flow" className="flex min-h-0 grow">
          {layout === 'machine' && (
            <PanelButton
              id="panel-open"
              strip
              label="Show the text"
              onClick={() => arrange('both', 'panel-close-text')}
            >
              <PanelLeftOpen size={18} strokeWidth={1.6} aria-hidden />
            </PanelButton>
          )}
          <TabPanel
            value="text"
            tabIndex={-1}
            data-print="flow"
            className={clsx(
              'relative w-full min-w-0 max-lg:data-[state=inactive]:hidden lg:w-[var(--split)] lg:overflow-y-auto print:block!',
              layout === 'machine' && 'lg:hidden',
              layout === 'both' && 'lg:shrink-0',
            )}
          >
            <div id="workspace-text" className={layout === 'text' ? 'lg:mx-auto lg:max-w-4xl' : undefined}>
              {text}
            </div>
          </TabPanel>
          {layout === 'both' && (
            <SplitHandle
              label="Width of the text"
              orientation="vertical"
              percent={panels.split}
              min={SPLIT.min}
              max={SPLIT.max}
              onChange={(split) => setPanels({ split })}
              onReset={() => setPanels({ split: SPLIT.start })}
              controls="workspace-text"
            />
          )}
          <div
            data-print="hide"
            className={clsx(
              'min-w-0 grow flex-col',
              pane === 'text' ? 'max-lg:hidden' : 'max-lg:flex',
              layout === 'text' ? 'lg:hidden' : 'lg:flex',
            )}
          >
            <TabPanel
              value="terminal"
              tabIndex={-1}
              className="flex min-h-0 flex-col max-lg:h-[calc(100dvh-6.25rem)] max-lg:data-[state=inactive]:hidden lg:grow"
            >
              {current && view && (
                <p className="truncate border-b border-rule bg-sheet px-3 py-1.5 text-sm lg:hidden">
                  <span className="text-ink-soft">Task {tasks.indexOf(current) + 1}:</span>{' '}
                  <InlineCode text={current.title} />
                </p>
              )}
              <MachinePanel
                lab={lab}
                sandbox={sandbox}
                signedIn={signedIn}
                onTerminal={onTerminal}
                front={front}
                tools={
                  layout === 'both' && (
                    <>
                      <PanelButton
                        id="panel-close-text"
                        label="Hide the text"
                        onClick={() => arrange('machine', 'panel-open')}
                      >
                        <PanelLeftClose size={16} strokeWidth={1.6} aria-hidden />
                      </PanelButton>
                      <PanelButton
                        id="panel-close-machine"
                        label="Hide the machine"
                        onClick={() => arrange('text', 'panel-open')}
                      >
                        <PanelRightClose size={16} strokeWidth={1.6} aria-hidden />
                      </PanelButton>
                    </>
                  )
                }
              />
            </TabPanel>
            {panels.rail !== 0 && (
              <SplitHandle
                label="Height of the tasks"
                orientation="horizontal"
                percent={panels.rail === 'auto' ? RAIL.start : panels.rail}
                min={RAIL.min}
                max={RAIL.max}
                onChange={(rail) => setPanels({ rail })}
                onReset={() => setPanels({ rail: 'auto' })}
                controls="workspace-tasks"
              />
            )}
            <TabPanel
              value="tasks"
              tabIndex={-1}
              className={clsx(
                'relative bg-sheet max-lg:grow max-lg:data-[state=inactive]:hidden lg:overflow-y-auto',
                panels.rail === 0 && 'lg:shrink-0 lg:border-t lg:border-rule',
                panels.rail === 'auto' || panels.rail === 0 ? 'lg:max-h-[46%]' : 'lg:h-[var(--rail)] lg:shrink-0',
              )}
            >
              <TaskRail
                tasks={tasks}
                sandbox={sandbox}
                debrief={debrief}
                solutionHidden={solutionHidden}
                help={stuck ? { onNotNow: notNow } : null}
                folded={panels.rail === 0}
                onFold={(folded) => setPanels({ rail: folded ? 0 : 'auto' })}
              />
            </TabPanel>
          </div>
          {layout === 'text' && (
            <PanelButton
              id="panel-open"
              strip
              label="Show the machine"
              onClick={() => arrange('both', 'panel-close-machine')}
            >
              <PanelRightOpen size={18} strokeWidth={1.6} aria-hidden />
            </PanelButton>
          )}
        </div>
      </Tabs>
    </LabProvider>
  )
}
