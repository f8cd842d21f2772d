'use client'

import { useEffect, useRef } from 'react'

/** Something that a page can do, by name. */
export type PageAction = { label: string /** Its keys, where it has some. */; keys?: string; run: () => void }

const sources = new Set<() => PageAction[]>()

/** What the page offers right now, in the order in which its parts came. */
export const pageActions = (): PageAction[] => [...sources].flatMap((source) => source())

/** Offers actions in the palette for as long as the component is there. */
export function usePageActions(actions: PageAction[]): void {
  const latest = useRef(actions)
  useEffect(() => {
    latest.current = actions
  })
  useEffect(() => {
    const source = () => latest.current
    sources.add(source)
    return () => {
      sources.delete(source)
    }
  }, [])
}
