'use client'

import type { ReactNode } from 'react'
import { Tab, TabList } from '#components/ui/tabs.tsx'
import type { Pane } from '#components/workspace/lab-context.tsx'

/** On a narrow screen: which of the three parts is looked at. `help`: something is offered beside the tasks. */
export function PaneTabs({ passed, total, help }: { passed: number; total: number; help: boolean }) {
  return (
    <TabList
      aria-label="Parts of the page"
      data-print="hide"
      className="sticky top-0 z-20 grid grid-cols-3 border-b border-rule bg-paper lg:hidden scripting-none:hidden"
    >
      <PaneTab value="text">Text</PaneTab>
      <PaneTab value="terminal">Terminal</PaneTab>
      <PaneTab value="tasks">
        Tasks{' '}
        <span className="font-mono text-xs">
          {passed}/{total}
        </span>
        {help && (
          <span className="ml-1.5 inline-block size-2 rounded-full bg-accent">
            <span className="sr-only">Help is offered</span>
          </span>
        )}
      </PaneTab>
    </TabList>
  )
}

function PaneTab({ value, children }: { value: Pane; children: ReactNode }) {
  return (
    <Tab
      value={value}
      className="min-h-11 border-b-2 border-transparent text-sm text-ink-soft focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
    >
      {children}
    </Tab>
  )
}
