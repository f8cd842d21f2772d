'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { api } from '#components/workspace/api.ts'
import type { Authoring } from '#lib/authoring/get-authoring.ts'

const POLL_MS = 1000

/** What the files and checks are like now; the page is drawn anew when a file changes. Null until it is known. */
export function useAuthoring(): Authoring | null {
  const router = useRouter()
  const lab = usePathname()
    .replace(/^\/learn\//, 'courses/')
    .replace(/^\//, '')
  const [authoring, setAuthoring] = useState<Authoring | null>(null)
  const stamp = useRef<string | null>(null)
  useEffect(() => {
    let left = false
    async function look() {
      if (document.hidden) return
      // While the platform starts anew nobody answers; the next look will do.
      const now = await api<Authoring>('GET', `/api/authoring?${new URLSearchParams({ lab })}`).catch(() => null)
      if (left || !now) return
      setAuthoring(now)
      if (stamp.current !== null && stamp.current !== now.stamp) router.refresh()
      stamp.current = now.stamp
    }
    void look()
    const timer = setInterval(look, POLL_MS)
    return () => {
      left = true
      clearInterval(timer)
    }
  }, [lab, router])
  return authoring
}
