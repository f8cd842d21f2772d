import clsx from 'clsx'
import type { ReactNode } from 'react'

type PanelButtonProps = {
  id: string
  label: string
  onClick: () => void
  /** Stands at the edge of the page for a half that is hidden. */
  strip?: boolean
  children: ReactNode
}

/** Hides or shows a half of the workspace. Wide screens only: a narrow one has tabs. */
export function PanelButton({ id, label, onClick, strip = false, children }: PanelButtonProps) {
  return (
    <button
      id={id}
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      data-print="hide"
      className={clsx(
        'text-ink-soft hover:bg-well hover:text-ink focus-visible:-outline-offset-2 max-lg:hidden scripting-none:hidden',
        strip
          ? 'flex w-11 shrink-0 justify-center border-x border-rule pt-3'
          : 'grid size-8 place-items-center rounded-sm',
      )}
    >
      {children}
    </button>
  )
}
