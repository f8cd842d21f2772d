import clsx from 'clsx'

/** A place held while its content is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx('animate-[breathe_1.6s_infinite] bg-rule', className)} />
}
