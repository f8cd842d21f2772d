import type { Metadata } from 'next'
import Link from 'next/link'
import { EmptyState } from '#components/ui/empty-state.tsx'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main id="main" className="mx-auto w-full max-w-2xl grow px-4 py-16">
      <h1 className="label mb-4">Page not found</h1>
      <EmptyState
        title="There is no page at this address"
        action={
          <Link href="/learn" className="lesson-link">
            All lessons and challenges
          </Link>
        }
      >
        <p>It may have been renamed, or is away while a mistake in it is mended. Your work is not touched.</p>
      </EmptyState>
    </main>
  )
}
