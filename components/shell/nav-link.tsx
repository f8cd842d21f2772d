'use client'

import clsx from 'clsx'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

/** A link of the site's navigation that marks where the reader is. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const current = usePathname().startsWith(href)
  return (
    <Link
      href={href}
      aria-current={current ? 'page' : undefined}
      className={clsx(
        'border-b-2 py-1 whitespace-nowrap hover:text-ink',
        current ? 'border-accent text-ink' : 'border-transparent text-ink-soft',
      )}
    >
      {children}
    </Link>
  )
}
