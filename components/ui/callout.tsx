import clsx from 'clsx'
import type { ReactNode } from 'react'

const TONE = {
  note: 'border-l-rule-strong',
  tip: 'border-l-pass',
  warning: 'border-l-accent',
  danger: 'border-l-danger',
}

type CalloutProps = { tone?: keyof typeof TONE; label?: string; role?: 'status' | 'alert'; children: ReactNode }

/** A remark set apart from the text: a rule on its left, its kind in small capitals. */
export function Callout({ tone = 'note', label, role, children }: CalloutProps) {
  return (
    <div role={role} className={clsx('border border-l-[3px] border-rule bg-sheet px-4 py-3', TONE[tone])}>
      {label && <p className="label mb-1">{label}</p>}
      <div className="text-sm leading-6 [&>*+*]:mt-2">{children}</div>
    </div>
  )
}
