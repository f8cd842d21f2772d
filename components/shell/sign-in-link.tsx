'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

/** A link to sign-in that comes back to the page it stands on. */
export function SignInLink({ className, children }: { className?: string; children: ReactNode }) {
  const path = usePathname()
  const href = path === '/' || path === '/signin' ? '/signin' : `/signin?callbackUrl=${encodeURIComponent(path)}`
  return (
    <Link href={href} className={className}>
      {children}
    </Link>
  )
}
