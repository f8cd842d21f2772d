import clsx from 'clsx'
import type { ReactNode } from 'react'

const TONE = {
  plain: 'border-rule-strong text-ink-soft',
  accent: 'border-accent-ink text-accent-ink',
  pass: 'border-pass text-pass',
}

export function Badge({ tone = 'plain', children }: { tone?: keyof typeof TONE; children: ReactNode }) {
  return (
    <span
      className={clsx(
        'inline-flex items-center gap-1 rounded-sm border px-1.5 font-mono text-xs leading-5 whitespace-nowrap',
        TONE[tone],
      )}
    >
      {children}
    </span>
  )
}
