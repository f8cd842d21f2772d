'use client'

import { BrandMark } from '#components/shell/brand.tsx'
import { Button } from '#components/ui/button.tsx'
import { fontVariables } from './fonts.ts'
import './globals.css'

/** When even the frame of the page could not be drawn, for example because the database is away. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" className={fontVariables}>
      <body className="grid min-h-dvh place-items-center p-6">
        <title>Something broke · Drydock</title>
        <main className="frame max-w-lg p-8">
          <BrandMark className="size-9" />
          <h1 className="mt-4 text-xl">Something broke on our side</h1>
          <p className="mt-3 text-ink-soft">
            Your work is safe: machines run on, and what you solved is stored. The site could not draw this page; often
            it can a moment later.
          </p>
          {error.digest && <p className="mt-2 font-mono text-sm text-ink-soft">Reference {error.digest}</p>}
          <Button variant="primary" className="mt-6" onClick={() => location.reload()}>
            Try again
          </Button>
        </main>
      </body>
    </html>
  )
}
