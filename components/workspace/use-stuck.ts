'use client'

import { useEffect, useState } from 'react'
import { isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

const STUCK_MS = 5 * 60_000
const POLL_MS = 5000

/** Whether nothing has come true for five minutes on a machine that runs, and a way to say "not now". */
export function useStuck(view: SandboxView | null): { stuck: boolean; notNow: () => void } {
  const [since, setSince] = useState<number | null>(null)
  const [stuck, setStuck] = useState(false)
  const open = view !== null && isUsable(view.state) && view.tasks.some(({ verdict }) => verdict !== 'pass')
  const attempt = view?.attemptId
  const passed = (view?.tasks ?? []).filter(({ verdict }) => verdict === 'pass').map(({ id }) => id)
  const progress = passed.join(' ')

  useEffect(() => {
    setStuck(false)
    setSince(open && attempt ? begun(attempt, progress) : null)
  }, [open, attempt, progress])
  useEffect(() => {
    if (since === null) return
    const look = () => setStuck(Date.now() - since >= STUCK_MS)
    look()
    const timer = setInterval(look, POLL_MS)
    return () => clearInterval(timer)
  }, [since])

  return {
    stuck: stuck && open,
    notNow: () => {
      if (attempt) keep(attempt, progress, Date.now())
      setStuck(false)
      setSince(Date.now())
    },
  }
}

const keyOf = (attempt: string) => `drydock.progress.${attempt}`

function keep(attempt: string, progress: string, since: number): void {
  try {
    sessionStorage.setItem(keyOf(attempt), JSON.stringify({ progress, since }))
  } catch {
    // Storage is forbidden: a reload starts the five minutes again.
  }
}

/** Since when this much and no more is achieved, across reloads of the page. */
function begun(attempt: string, progress: string): number {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(attempt)) ?? 'null') as {
      progress: string
      since: number
    } | null
    if (kept?.progress === progress && Number.isFinite(kept.since)) return kept.since
  } catch {
    // As if nothing had been kept.
  }
  const now = Date.now()
  keep(attempt, progress, now)
  return now
}
