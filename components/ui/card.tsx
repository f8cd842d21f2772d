import clsx from 'clsx'
import type { ComponentProps } from 'react'

/** A framed piece of sheet. */
export function Card({ className, ...props }: ComponentProps<'div'>) {
  return <div className={clsx('frame p-5 sm:p-6', className)} {...props} />
}
