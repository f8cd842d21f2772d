'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { type Panels, panelsCookie } from '#components/workspace/panels.ts'

/** The layout, and a way to change it that the next page remembers. */
export function usePanels(initial: Panels): [Panels, (change: Partial<Panels>) => void] {
  const [panels, setPanels] = useState(initial)
  const changed = useRef(false)
  useEffect(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: the server draws the next page with it, so nothing shifts.
    if (changed.current) document.cookie = panelsCookie(panels)
  }, [panels])
  const change = useCallback((part: Partial<Panels>) => {
    changed.current = true
    setPanels((before) => ({ ...before, ...part }))
  }, [])
  return [panels, change]
}
