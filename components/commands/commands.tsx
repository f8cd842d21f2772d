'use client'

import { Command } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'

const Palette = dynamic(() => import('#components/commands/palette.tsx'), { ssr: false })
const ShortcutsDialog = dynamic(() => import('#components/commands/shortcuts-dialog.tsx'), { ssr: false })

/** The palette (Ctrl/Cmd K) and the list of keys (Ctrl/Cmd /), on every page; fetched when they are first asked for. */
export function Commands() {
  const [shown, setShown] = useState<'palette' | 'shortcuts' | null>(null)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return
      // In a terminal Ctrl+K and Ctrl+/ are the shell's.
      if (event.ctrlKey && event.target instanceof Element && event.target.closest('.xterm')) return
      const wanted = event.key.toLowerCase() === 'k' ? 'palette' : event.key === '/' ? 'shortcuts' : null
      if (!wanted) return
      event.preventDefault()
      setShown(wanted)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const close = () => setShown(null)
  return (
    <>
      <button
        type="button"
        onClick={() => setShown('palette')}
        aria-label="Commands"
        title="Commands (Ctrl K)"
        className="grid size-9 place-items-center text-ink-soft hover:text-ink max-sm:hidden scripting-none:hidden"
      >
        <Command size={17} strokeWidth={1.6} aria-hidden />
      </button>
      {shown === 'palette' && <Palette onClose={close} onShortcuts={() => setShown('shortcuts')} />}
      {shown === 'shortcuts' && <ShortcutsDialog onClose={close} />}
    </>
  )
}
