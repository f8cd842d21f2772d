'use client'

import { useEffect, useState } from 'react'

/** Whole seconds until an ISO time by the server's clock, counted down; null while there is nothing to count (and on the server). */
export function useSecondsLeft(until: string | null, clockSkewMs: number): number | null {
  const [left, setLeft] = useState<number | null>(null)
  useEffect(() => {
    if (!until) return setLeft(null)
    const tick = () => setLeft(Math.max(0, Math.ceil((Date.parse(until) - Date.now() - clockSkewMs) / 1000)))
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [until, clockSkewMs])
  return left
}
