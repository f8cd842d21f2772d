import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { Author } from '#components/authoring/author.tsx'
import { SiteHeader } from '#components/shell/site-header.tsx'
import { parseTheme } from '#components/shell/theme.ts'
import { currentUser } from '#lib/auth/current-user.ts'
import { env } from '#lib/env.ts'
import { fontVariables } from './fonts.ts'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Drydock', template: '%s · Drydock' },
  icons: { icon: '/favicon.svg' },
  description: 'Lessons on containers and Kubernetes, each with a real machine beside it.',
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f9f8f4' },
    { media: '(prefers-color-scheme: dark)', color: '#081527' },
  ],
  // The page shrinks with the on-screen keyboard, so that the terminal's last line stays in sight.
  interactiveWidget: 'resizes-content',
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = parseTheme((await cookies()).get('theme')?.value)
  const user = await currentUser()
  return (
    <html lang="en" data-theme={theme} className={fontVariables}>
      <body className="flex min-h-dvh flex-col">
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-accent focus:px-4 focus:py-2 focus:text-on-accent"
        >
          Skip to the content
        </a>
        <SiteHeader user={user} theme={theme} />
        {children}
        {env().AUTHORING && user && <Author />}
      </body>
    </html>
  )
}
