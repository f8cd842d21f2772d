'use client'

import { useId } from 'react'
import { Button } from '#components/ui/button.tsx'
import { useModal } from '#components/ui/use-modal.ts'

const GROUPS: { title: string; keys: [string, string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K or ⌘ K', 'Commands of this page'],
      ['Ctrl / or ⌘ /', 'This list'],
    ],
  },
  {
    title: 'In a terminal',
    keys: [
      ['Ctrl F6', 'Leave the terminal, to its toolbar (except on Windows also Ctrl Shift Esc)'],
      ['Ctrl Shift C', 'Copy what is selected'],
      ['Ctrl Shift V', 'Paste'],
      ['Ctrl Shift F', 'Find in the scrollback'],
    ],
  },
  {
    title: 'On the line between two panes, or on tabs',
    keys: [
      ['Arrow keys', 'Move the line; go to the next tab'],
      ['Home, End', 'The line to its limit, or the first and last tab'],
      ['Enter', 'The line back to the middle'],
    ],
  },
]

/** Every key that does something here. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { dialog, close } = useModal()
  const id = useId()
  function leave() {
    close()
    onClose()
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={leave}
      className="m-auto border border-rule-strong bg-sheet w-[min(34rem,calc(100vw-2rem))] p-6 text-left text-ink"
    >
      <h2 id={id} className="text-lg">
        Keyboard shortcuts
      </h2>
      {GROUPS.map(({ title, keys }) => (
        <section key={title} className="mt-4">
          <h3 className="label">{title}</h3>
          <dl className="mt-1 divide-y divide-rule text-sm">
            {keys.map(([key, does]) => (
              <div key={key} className="py-1.5 sm:flex sm:gap-4">
                <dt className="shrink-0 font-mono text-xs leading-5.5 sm:w-52">{key}</dt>
                <dd className="text-ink-soft">{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <div className="mt-5 flex justify-end">
        <Button onClick={leave}>Close</Button>
      </div>
    </dialog>
  )
}
