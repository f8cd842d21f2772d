'use client'

import clsx from 'clsx'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, useId, useState } from 'react'
import { matching } from '#components/commands/matching.ts'
import { type PageAction, pageActions } from '#components/commands/page-actions.ts'
import { useModal } from '#components/ui/use-modal.ts'

type PaletteProps = { onClose: () => void; onShortcuts: () => void }

/** Everything this page can do and where one can go, found by typing a part of its name. */
export default function Palette({ onClose, onShortcuts }: PaletteProps) {
  const router = useRouter()
  const id = useId()
  const { dialog, close } = useModal()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const go = (label: string, path: string): PageAction => ({ label, run: () => router.push(path) })
  const [all] = useState(() => [
    ...pageActions(),
    go('Go to: Learn', '/learn'),
    go('Go to: My progress', '/me'),
    go('Go to: Settings', '/me/settings'),
    go('Go to: Home', '/'),
    { label: 'Keyboard shortcuts', keys: 'Ctrl /', run: onShortcuts },
  ])
  const found = matching(all, typed)

  function leave() {
    close()
    onClose()
  }
  function choose(action: PageAction | undefined) {
    if (!action) return
    leave()
    action.run()
  }
  function onKeyDown(event: KeyboardEvent) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Enter') choose(found[at])
    else if (move && found.length > 0) setAt((at + move + found.length) % found.length)
    else return
    event.preventDefault()
  }
  return (
    <dialog
      ref={dialog}
      aria-label="Commands"
      onCancel={leave}
      onClick={(event) => event.target === dialog.current && leave()}
      onKeyDown={() => undefined}
      className="mx-auto border border-rule-strong bg-sheet mt-[12vh] mb-auto w-[min(36rem,calc(100vw-2rem))] p-0 text-left text-ink"
    >
      <input
        role="combobox"
        aria-label="What to do, or where to go"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder="What to do, or where to go"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
        className="min-h-12 w-full border-b border-rule bg-sheet px-4 text-base focus-visible:outline-none"
      />
      <div id={`${id}-list`} role="listbox" aria-label="Commands" className="max-h-[50vh] overflow-y-auto py-1">
        {found.map((action, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which keeps the focus.
          <div
            key={action.label}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            ref={(row) => {
              if (index === at) row?.scrollIntoView({ block: 'nearest' })
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(action)}
            className={clsx(
              'flex min-h-10 cursor-pointer items-center justify-between gap-4 border-l-2 px-4 text-sm',
              index === at ? 'border-accent bg-well' : 'border-transparent',
            )}
          >
            {action.label}
            {action.keys && <kbd className="font-mono text-xs text-ink-soft">{action.keys}</kbd>}
          </div>
        ))}
      </div>
      <p role="status" className={clsx('px-4 text-sm text-ink-soft', found.length === 0 && 'pb-3')}>
        {found.length === 0 ? 'Nothing here is called that.' : ''}
      </p>
    </dialog>
  )
}
