'use client'

import { useEffect, useState } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import type { ConnectionState } from '#lib/terminal/connection.ts'

const WORDS = {
  connecting: 'Connecting',
  good: 'Connected',
  slow: 'Slow connection',
  reconnecting: 'Reconnecting',
  ended: 'Disconnected',
}

/** How the connection is, never a frozen screen. The words are read out when they change; the seconds are not. */
export function ConnectionBadge({ state }: { state: ConnectionState }) {
  const words = WORDS[state.kind]
  return (
    <>
      <span role="status" className="sr-only">
        {`Terminal: ${words}`}
      </span>
      <span aria-hidden className="flex" data-connection={state.kind}>
        <Badge tone={state.kind === 'good' ? 'pass' : state.kind === 'slow' ? 'plain' : 'accent'}>
          {words}
          {state.kind === 'reconnecting' && <Seconds until={state.retryAt} />}
          {(state.kind === 'good' || state.kind === 'slow') && state.rttMs !== null && ` ${Math.round(state.rttMs)} ms`}
        </Badge>
      </span>
    </>
  )
}

function Seconds({ until }: { until: number }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  const left = Math.ceil((until - now) / 1000)
  return left > 0 ? ` in ${left} s` : ' …'
}
