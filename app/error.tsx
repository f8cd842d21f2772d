'use client'

import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'

export default function PageError({ error }: { error: Error & { digest?: string } }) {
  return (
    <main id="main" className="mx-auto w-full max-w-2xl grow px-4 py-16">
      <h1 className="label mb-4">Something broke on our side</h1>
      <EmptyState
        title="This page could not be shown"
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        <p>
          Your work is safe: machines run on, and what you solved is stored. If it stays like this, tell whoever runs
          this site.
        </p>
        {error.digest && <p className="mt-2 font-mono text-sm">Reference {error.digest}</p>}
      </EmptyState>
    </main>
  )
}
