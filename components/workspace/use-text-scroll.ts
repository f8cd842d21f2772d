'use client'

import { useLayoutEffect, useRef } from 'react'
import type { Pane } from '#components/workspace/lab-context.tsx'

/** On a narrow screen the page itself scrolls: going to the terminal and back returns to the same line of the text. */
export function useTextScroll(pane: Pane): void {
  const scrollY = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (pane !== 'text') return
    if (scrollY.current === null) scrollY.current = window.scrollY
    else scrollTo(0, scrollY.current)
    const remember = () => {
      scrollY.current = window.scrollY
    }
    addEventListener('scroll', remember, { passive: true })
    return () => removeEventListener('scroll', remember)
  }, [pane])
}
