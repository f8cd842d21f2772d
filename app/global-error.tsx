'use client'

import './globals.css'

/** When even the frame of the page could not be drawn, for example because the database is away. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body className="grid min-h-dvh place-items-center p-6">
        <title>Something broke · Drydock</title>
        <main className="frame max-w-lg p-8">
          <h1 className="text-xl">Something broke on our side</h1>
          <p className="mt-3 text-ink-soft">
            Your work is safe: machines run on, and what you solved is stored. The site could not draw this page; often
            it can a moment later.
          </p>
          {error.digest && <p className="mt-2 font-mono text-sm">Reference {error.digest}</p>}
          <button
            type="button"
            onClick={() => location.reload()}
            className="mt-6 min-h-11 rounded-sm border border-accent bg-accent px-4 text-sm text-on-accent"
          >
            Try again
          </button>
        </main>
      </body>
    </html>
  )
}
