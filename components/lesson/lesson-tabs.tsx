'use client'

import { useState } from 'react'
import { Tab, TabList, TabPanel, Tabs } from '#components/ui/tabs.tsx'
import type { TabsProps } from '#lib/content/elements.ts'

/** Several ways side by side; one below the other on paper and where there is no JavaScript. */
export function LessonTabs({ tabs }: TabsProps) {
  const [shown, setShown] = useState('0')
  return (
    <Tabs value={shown} onValueChange={setShown} className="border border-rule">
      <TabList
        aria-label={tabs.map(({ label }) => label).join(', ')}
        className="flex overflow-x-auto border-b border-rule bg-well scripting-none:hidden print:hidden"
      >
        {tabs.map(({ label }, index) => (
          <Tab
            key={label}
            value={`${index}`}
            className="min-h-10 border-b-2 px-4 text-sm whitespace-nowrap focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:font-[560] data-[state=inactive]:border-transparent data-[state=inactive]:text-ink-soft data-[state=inactive]:hover:text-ink"
          >
            {label}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ label, content }, index) => (
        <TabPanel
          key={label}
          value={`${index}`}
          className="p-4 data-[state=inactive]:hidden scripting-none:data-[state=inactive]:block print:data-[state=inactive]:block"
        >
          <p className="label mb-2 hidden scripting-none:block print:block">{label}</p>
          <div className="[&>*+*]:mt-4">{content}</div>
        </TabPanel>
      ))}
    </Tabs>
  )
}
