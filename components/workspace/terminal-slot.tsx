'use client'

import dynamic from 'next/dynamic'
import { Skeleton } from '#components/ui/skeleton.tsx'

/** The terminal with its emulator, fetched when a machine is there to type into. */
export const TerminalSlot = dynamic(() => import('#components/terminal/terminal.tsx'), {
  ssr: false,
  loading: () => <TerminalLoading />,
})

function TerminalLoading() {
  return (
    <div className="grid content-start gap-2 p-4" role="status">
      <span className="sr-only">Loading the terminal</span>
      <Skeleton className="h-3 w-40" />
      <Skeleton className="h-3 w-64" />
      <Skeleton className="h-3 w-24" />
    </div>
  )
}
