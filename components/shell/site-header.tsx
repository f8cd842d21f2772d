import { Settings } from 'lucide-react'
import Link from 'next/link'
import { Commands } from '#components/commands/commands.tsx'
import { BrandMark } from '#components/shell/brand.tsx'
import { NavLink } from '#components/shell/nav-link.tsx'
import { SignInLink } from '#components/shell/sign-in-link.tsx'
import { SignOutButton } from '#components/shell/sign-out-button.tsx'
import type { Theme } from '#components/shell/theme.ts'
import { ThemeToggle } from '#components/shell/theme-toggle.tsx'

export function SiteHeader({ user, theme }: { user: { name: string } | null; theme: Theme }) {
  return (
    <header data-print="hide" className="h-14 border-b border-rule bg-paper">
      <div className="flex h-full items-center gap-3 px-4 sm:gap-6 sm:px-6">
        <Link href="/" className="flex items-center gap-2.5 py-2" aria-label="Drydock, home">
          <BrandMark className="size-7" />
          <span className="font-mono text-sm font-[650] tracking-[0.16em] uppercase max-sm:hidden">Drydock</span>
        </Link>
        <nav aria-label="Site" className="flex items-center gap-3 text-sm sm:gap-5">
          <NavLink href="/learn" within={['/learn/', '/challenges/']}>
            Learn
          </NavLink>
          <NavLink href="/me">My progress</NavLink>
        </nav>
        <div className="ml-auto flex items-center gap-2 sm:gap-4">
          <Commands />
          <ThemeToggle initial={theme} />
          {user ? (
            <>
              <Link
                href="/me/settings"
                className="flex min-h-9 items-center gap-1.5 text-sm text-ink-soft hover:text-ink hover:underline"
                aria-label={`Settings of ${user.name}`}
                title={`Signed in as ${user.name}`}
              >
                <Settings size={18} strokeWidth={1.6} aria-hidden className="md:hidden" />
                <span className="max-w-40 truncate max-md:hidden">{user.name}</span>
              </Link>
              <SignOutButton />
            </>
          ) : (
            <SignInLink className="min-h-9 content-center text-sm font-[560] hover:underline">Sign in</SignInLink>
          )}
        </div>
      </div>
    </header>
  )
}
