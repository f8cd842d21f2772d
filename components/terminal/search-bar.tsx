'use client'

import type { SearchAddon } from '@xterm/addon-search'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'

/** Finds text in the scrollback: Enter goes up, Shift+Enter down, Esc back to the terminal. */
export function SearchBar({ search, onClose }: { search: SearchAddon; onClose: () => void }) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [found, setFound] = useState(true)
  useEffect(() => {
    input.current?.focus()
    return () => search.clearDecorations()
  }, [search])
  const go = (up: boolean) => setFound(!text || (up ? search.findPrevious(text) : search.findNext(text)))
  const button = 'grid size-9 place-items-center text-ink-soft hover:text-ink'
  return (
    <search className="flex items-center gap-1 border-b border-rule bg-sheet px-2 py-1">
      <label htmlFor={id} className="sr-only">
        Find in the terminal
      </label>
      <input
        id={id}
        ref={input}
        value={text}
        placeholder="Find"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(!event.shiftKey)
          if (event.key === 'Escape') onClose()
        }}
        className="min-h-8 min-w-0 grow rounded-sm border border-rule-strong bg-paper px-2 text-sm"
      />
      <span role="status" className="px-1 text-xs whitespace-nowrap text-ink-soft empty:px-0">
        {found ? '' : 'Not found'}
      </span>
      <button type="button" aria-label="Find above" onClick={() => go(true)} className={button}>
        <ChevronUp size={16} aria-hidden />
      </button>
      <button type="button" aria-label="Find below" onClick={() => go(false)} className={button}>
        <ChevronDown size={16} aria-hidden />
      </button>
      <button type="button" aria-label="Close the search" onClick={onClose} className={button}>
        <X size={16} aria-hidden />
      </button>
    </search>
  )
}
