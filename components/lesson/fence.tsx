import type { ReactNode } from 'react'

/** A block of code with a strip above it: what it is, and what can be done with it. */
export function Fence({ label, action, children }: { label: string; action: ReactNode; children: ReactNode }) {
  return (
    <div className="border border-rule [&_pre]:border-0 [&_[data-part=expect]]:border-t [&_[data-part=expect]]:border-rule [&_[data-part=expect]]:bg-well [&_[data-part=expect]>p]:label [&_[data-part=expect]>p]:px-4 [&_[data-part=expect]>p]:tracking-normal [&_[data-part=expect]>p]:normal-case [&_[data-part=expect]>p]:pt-2 [&_[data-part=expect]_pre]:bg-transparent [&_[data-part=expect]_pre]:pt-1">
      <div className="flex min-h-9 items-center justify-between gap-3 border-b border-rule bg-well pl-4">
        <span className="label">{label}</span>
        <span data-print="hide" className="flex scripting-none:hidden">
          {action}
        </span>
      </div>
      {children}
    </div>
  )
}

export const fenceButton =
  'inline-flex min-h-9 items-center gap-1.5 px-3 text-sm text-accent-ink hover:bg-accent-wash focus-visible:-outline-offset-2'
