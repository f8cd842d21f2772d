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
    <div className="flex h-full flex-col" role="status">
      {/* The places of its toolbar and its first lines. */}
      <div className="flex min-h-9 shrink-0 items-center border-b border-rule px-2">
        <span className="text-xs text-ink-soft">Opening the terminal …</span>
      </div>
      <div className="grid grow content-start gap-2 bg-[light-dark(#ffffff,#081527)] p-4">
        <Skeleton className="h-3 w-40" />
        <Skeleton className="h-3 w-64" />
        <Skeleton className="h-3 w-24" />
      </div>
    </div>
  )
}
