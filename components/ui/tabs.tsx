'use client'

import { type ComponentProps, createContext, type KeyboardEvent, useContext, useId } from 'react'

/*
 * Tabs as the ARIA Authoring Practices describe them, chosen as soon as they have the focus. Our own, as a library's
 * would be a twentieth of what a lesson's page may load. Panels stay mounted: what is in them goes on behind the others.
 */

type Chosen = { id: string; value: string; choose: (value: string) => void }
const Context = createContext<Chosen>({ id: '', value: '', choose: () => undefined })

type TabsProps = ComponentProps<'div'> & { value: string; onValueChange: (value: string) => void }

export function Tabs({ value, onValueChange, ...props }: TabsProps) {
  return (
    <Context value={{ id: useId(), value, choose: onValueChange }}>
      <div {...props} />
    </Context>
  )
}

export function TabList(props: ComponentProps<'div'> & { 'aria-label': string }) {
  return <div role="tablist" {...props} />
}

/** `data-state` is `active` on the chosen tab and its panel, `inactive` on the others. */
export function Tab({ value, ...props }: ComponentProps<'button'> & { value: string }) {
  const { id, value: chosen, choose } = useContext(Context)
  const active = value === chosen
  return (
    <button
      type="button"
      role="tab"
      id={`${id}-tab-${value}`}
      aria-controls={`${id}-panel-${value}`}
      aria-selected={active}
      data-state={active ? 'active' : 'inactive'}
      tabIndex={active ? 0 : -1}
      onClick={() => choose(value)}
      onKeyDown={moveAlong}
      {...props}
    />
  )
}

export function TabPanel({ value, ...props }: ComponentProps<'div'> & { value: string }) {
  const { id, value: chosen } = useContext(Context)
  return (
    <div
      role="tabpanel"
      id={`${id}-panel-${value}`}
      aria-labelledby={`${id}-tab-${value}`}
      data-state={value === chosen ? 'active' : 'inactive'}
      {...props}
    />
  )
}

/** Arrow keys go round; Home and End go to the first and the last tab. */
function moveAlong(event: KeyboardEvent<HTMLButtonElement>): void {
  const tab = event.currentTarget
  const tabs = [...(tab.closest('[role=tablist]')?.querySelectorAll<HTMLElement>('[role=tab]') ?? [])]
  const at = tabs.indexOf(tab)
  const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key]
  if (next === undefined) return
  event.preventDefault()
  tabs.at(next)?.focus()
  tabs.at(next)?.click()
}
