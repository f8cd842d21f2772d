'use client'

import { useEffect, useState } from 'react'
import type { TerminalHandle } from '#components/terminal/terminal.tsx'
import { Tab, TabList, TabPanel, Tabs } from '#components/ui/tabs.tsx'
import { TerminalSlot } from '#components/workspace/terminal-slot.tsx'
import type { SandboxView } from '#lib/sandbox/view.ts'

type TerminalsProps = {
  view: SandboxView
  /** Hands over the first terminal of each machine, the one that fences are typed into. */
  onTerminal: (machine: string, handle: TerminalHandle | null) => void
  /** A fence was sent to this machine: its terminal comes to the front. */
  front: { machine: string } | null
}

/** Every terminal of a sandbox as a tab. One is connected once it has been looked at, and stays so behind the others. */
export function Terminals({ view, onTerminal, front }: TerminalsProps) {
  const all = view.machines.flatMap(({ name, terminals }) =>
    terminals.map((terminal, at) => ({ id: `${name}/${terminal}`, machine: name, terminal, first: at === 0 })),
  )
  const key = `drydock.terminal.shown.${view.id}`
  const [shown, setShown] = useState(all[0]?.id ?? '')
  const [opened, setOpened] = useState([shown])
  function show(id: string) {
    setShown(id)
    setOpened((before) => (before.includes(id) ? before : [...before, id]))
    sessionStorage.setItem(key, id)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is alive again.
  useEffect(() => {
    const last = sessionStorage.getItem(key)
    if (last && all.some(({ id }) => id === last)) show(last)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new fence moves the tab.
  useEffect(() => {
    const target = front && all.find(({ machine, first }) => first && machine === front.machine)
    if (target) show(target.id)
  }, [front])

  const slots = all.map(({ id, machine, terminal, first }) => {
    const slot = opened.includes(id) && (
      <TerminalSlot
        sandboxId={view.id}
        machine={machine}
        terminal={terminal}
        ref={first ? (handle: TerminalHandle | null) => onTerminal(machine, handle) : null}
      />
    )
    return { id, slot, label: view.machines.length > 1 ? `${machine} · ${terminal}` : terminal }
  })
  if (slots.length === 1) return slots[0]?.slot
  return (
    <Tabs value={shown} onValueChange={show} className="flex h-full min-h-0 flex-col">
      <TabList aria-label="Terminals" className="flex shrink-0 gap-1 overflow-x-auto border-b border-rule px-2">
        {slots.map(({ id, label }) => (
          <Tab
            key={id}
            value={id}
            className="min-h-9 border-b-2 border-transparent px-2 font-mono text-xs whitespace-nowrap text-ink-soft focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {label}
          </Tab>
        ))}
      </TabList>
      {slots.map(({ id, slot }) => (
        <TabPanel key={id} value={id} tabIndex={-1} className="min-h-0 grow data-[state=inactive]:hidden">
          {slot}
        </TabPanel>
      ))}
    </Tabs>
  )
}
