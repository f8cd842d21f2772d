import clsx from 'clsx'
import { Check } from 'lucide-react'
import type { TaskView } from '#lib/sandbox/view.ts'

const LOOK = {
  pass: 'border-pass bg-pass text-paper',
  'not-yet': 'border-ink text-ink',
  broken: 'border-broken border-dashed text-broken',
  waiting: 'border-rule-strong border-dashed text-ink-soft',
  none: 'border-rule-strong text-ink-soft',
}

/** The numbered balloon by which a drawing points at its parts; filled when the task holds. */
export function TaskBalloon({ number, verdict }: { number: number; verdict: TaskView['verdict'] }) {
  return (
    <span
      aria-hidden
      className={clsx(
        'grid size-7 shrink-0 place-items-center rounded-full border font-mono text-sm transition-colors duration-200',
        LOOK[verdict ?? 'none'],
      )}
    >
      {verdict === 'pass' ? <Check size={16} strokeWidth={2.4} /> : number}
    </span>
  )
}
