import type { ReactNode } from 'react'

/** What stands where nothing is yet: says so, and what to do about it. */
export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="frame">
      <div className="squared grid justify-items-start gap-3 px-6 py-10 sm:px-10 sm:py-14">
        <p className="text-lg font-[620]">{title}</p>
        <div className="max-w-prose text-ink-soft">{children}</div>
        {action && <div className="mt-2">{action}</div>}
      </div>
    </div>
  )
}
