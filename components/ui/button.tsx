import clsx from 'clsx'
import type { ComponentProps } from 'react'

type Look = { variant?: 'primary' | 'outline' | 'quiet' | 'danger'; size?: 'sm' | 'md' }

const VARIANT = {
  primary: 'border-accent bg-accent text-on-accent hover:brightness-105',
  outline: 'border-rule-strong bg-sheet text-ink hover:border-ink',
  quiet: 'border-transparent text-ink-soft hover:text-ink hover:bg-well',
  danger: 'border-danger bg-sheet text-danger hover:bg-danger hover:text-paper',
}
const SIZE = { sm: 'min-h-8 px-2.5 text-sm gap-1.5', md: 'min-h-11 px-4 text-sm gap-2' }

/** The classes of a button, for a link that looks like one. */
export function buttonClass({ variant = 'outline', size = 'md' }: Look = {}, className?: string): string {
  return clsx(
    'inline-flex items-center justify-center rounded-sm border font-[560] whitespace-nowrap transition-colors duration-150',
    'disabled:opacity-55 aria-disabled:opacity-55',
    VARIANT[variant],
    SIZE[size],
    className,
  )
}

export function Button({ variant, size, className, type = 'button', ...props }: ComponentProps<'button'> & Look) {
  const look = { ...(variant && { variant }), ...(size && { size }) }
  return <button type={type} className={buttonClass(look, className)} {...props} />
}
