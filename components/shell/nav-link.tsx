'use client'

import clsx from 'clsx'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

type NavLinkProps = { href: string /** Folders of pages that belong to it. */; within?: string[]; children: ReactNode }

/** A link of the site's navigation that marks where the reader is. */
export function NavLink({ href, within = [], children }: NavLinkProps) {
  const path = usePathname()
  const current = path === href || within.some((folder) => path.startsWith(folder))
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
