'use client'

import clsx from 'clsx'

const KEYS = [
  { label: 'Esc', name: 'Escape', send: '\x1b' },
  { label: 'Tab', name: 'Tab', send: '\t' },
  { label: '←', name: 'Left', send: '\x1b[D' },
  { label: '↑', name: 'Up', send: '\x1b[A' },
  { label: '↓', name: 'Down', send: '\x1b[B' },
  { label: '→', name: 'Right', send: '\x1b[C' },
  { label: '|', name: 'Pipe', send: '|' },
  { label: '/', name: 'Slash', send: '/' },
  { label: '-', name: 'Dash', send: '-' },
  { label: '~', name: 'Tilde', send: '~' },
]

type KeyBarProps = { ctrl: boolean; onCtrl: () => void; onKey: (send: string) => void }

/** The keys that a phone's keyboard lacks. Shown where the pointer is a finger. */
export function KeyBar({ ctrl, onCtrl, onKey }: KeyBarProps) {
  const key = 'min-h-11 min-w-11 shrink-0 border-r border-rule px-2 font-mono text-sm'
  // Taking the focus from the terminal would close the on-screen keyboard.
  const keepFocus = (event: { preventDefault: () => void }) => event.preventDefault()
  return (
    <div
      role="toolbar"
      aria-label="Terminal keys"
      className="hidden overflow-x-auto border-t border-rule bg-well pointer-coarse:flex"
    >
      <button
        type="button"
        aria-pressed={ctrl}
        onPointerDown={keepFocus}
        onClick={onCtrl}
        className={clsx(key, ctrl && 'bg-accent text-on-accent')}
      >
        Ctrl
      </button>
      {KEYS.map(({ label, name, send }) => (
        <button
          key={name}
          type="button"
          aria-label={name}
          onPointerDown={keepFocus}
          onClick={() => onKey(send)}
          className={key}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
