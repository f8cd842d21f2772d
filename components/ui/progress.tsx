import clsx from 'clsx'

type ProgressProps = { label: string; value: number | null; max?: number; className?: string }

/** A measure along a rule. `value` null: under way, extent unknown. */
export function Progress({ label, value, max = 1, className }: ProgressProps) {
  const percent = value === null ? null : Math.round(Math.min(1, max > 0 ? value / max : 0) * 100)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent !== null && { 'aria-valuenow': percent })}
      className={clsx('h-1.5 w-full border border-rule-strong bg-well', className)}
    >
      <div
        className={clsx(
          'h-full transition-[width] duration-200',
          percent === null
            ? // Hatched: a full bar that stands still would read as done.
              'animate-[breathe_1.6s_infinite] bg-[repeating-linear-gradient(135deg,var(--accent)_0_5px,transparent_5px_10px)]'
            : 'bg-accent',
        )}
        style={{ width: `${percent ?? 100}%` }}
      />
    </div>
  )
}
