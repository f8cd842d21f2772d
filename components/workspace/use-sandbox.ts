'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError, api } from '#components/workspace/api.ts'
import { isOver } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

export type SandboxAction = 'start' | 'end' | 'extend' | 'reset' | 'hint' | 'solution' | 'answer' | 'report' | 'scene'

export type SandboxControl = {
  view: SandboxView | null
  /** The server's clock minus ours, in milliseconds. */
  clockSkewMs: number
  busy: SandboxAction | null
  /** What went wrong last, in words; null after the next thing that works. */
  problem: string | null
  /** Whether changes arrive: `cut` while the page tries to connect again; the others when it need not try any more. */
  link: 'live' | 'cut' | 'over' | 'signed-out'
  start: () => void
  end: () => void
  extend: () => void
  reset: () => void
  openHint: (taskId: string, index: number) => void
  revealSolution: () => void
  typeAnswer: (taskId: string, value: string) => void
  /** For `:::break`: asks for a hidden fault of `view.scenes`, and names its layer; the view tells the rest. */
  breakScene: (scene: string) => void
  nameLayer: (scene: string, layer: string) => void
  /** Resolves with whether it was sent. */
  reportCheck: (taskId: string, text: string) => Promise<boolean>
}

const RETRY_MS = 4000

/** Who a start is for: `guest` on the home page, where the site takes them; `nobody` is asked to sign in first. */
export type StartsAs = 'user' | 'guest' | 'nobody'

/** Why a page stands still for good, by the API's answer to whoever asks for the sandbox. */
const STANDS_STILL: Partial<Record<ApiError['code'], string>> = {
  unauthenticated: 'You are signed out, so this page stands still. Your machine runs on: sign in again to go on.',
  'not-found': 'This lab is no longer yours to watch. Reload the page.',
}

/** A lab's sandbox as it is now, kept up to date by server-sent events, and everything one can do with it. */
export function useSandbox(labId: string, initial: SandboxView | null, startsAs: StartsAs): SandboxControl {
  const router = useRouter()
  const [view, setView] = useState(initial)
  const [clockSkewMs, setClockSkewMs] = useState(0)
  const [busy, setBusy] = useState<SandboxAction | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [link, setLink] = useState<SandboxControl['link']>('live')

  const receive = useCallback((next: SandboxView) => {
    setView(next)
    setClockSkewMs(Date.parse(next.now) - Date.now())
  }, [])

  const id = view?.id
  const followed = view !== null && !isOver(view.state)
  useEffect(() => {
    if (!id || !followed) return
    let source: EventSource
    let retry: ReturnType<typeof setTimeout> | undefined
    let left = false
    function standStill(code: ApiError['code'], why: string) {
      source.close()
      setLink(code === 'unauthenticated' ? 'signed-out' : 'over')
      setProblem(why)
    }
    function connect() {
      source = new EventSource(`/api/sandboxes/${id}/events`)
      source.addEventListener('view', (event) => {
        setLink('live')
        receive(JSON.parse(event.data))
      })
      source.addEventListener('gone', () => standStill('not-found', STANDS_STILL['not-found'] ?? ''))
      source.onerror = () => {
        setLink('cut')
        // The browser reconnects after a cut by itself, but gives up on an answer that is no stream, and does not tell it.
        if (source.readyState === EventSource.CLOSED) void askWhy()
      }
    }
    async function askWhy() {
      const code = await api('GET', `/api/sandboxes/${id}`).then(
        () => undefined,
        (thrown) => (thrown instanceof ApiError ? thrown.code : undefined),
      )
      if (left) return
      const why = code && STANDS_STILL[code]
      if (why) standStill(code, why)
      else retry = setTimeout(connect, RETRY_MS)
    }
    connect()
    return () => {
      left = true
      clearTimeout(retry)
      source.close()
    }
  }, [id, followed, receive])

  const solved = view?.solvedAt ?? null
  const shownSolved = useRef(solved)
  useEffect(() => {
    if (solved === shownSolved.current) return
    shownSolved.current = solved
    // The look back (time, hints, reference) is drawn by the server, for those who may see it.
    router.refresh()
  }, [solved, router])

  const acting = useRef(false)
  async function act(action: SandboxAction, call: () => Promise<SandboxView | null>): Promise<boolean> {
    if (acting.current) return false
    acting.current = true
    setBusy(action)
    try {
      const next = await call()
      setProblem(null)
      if (next) receive(next)
      return true
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === 'unauthenticated') router.push(signInPath('signed-out'))
      else
        setProblem(
          thrown instanceof ApiError ? thrown.message : 'Something broke on this page. Reload it and try again.',
        )
      return false
    } finally {
      acting.current = false
      setBusy(null)
    }
  }

  const post = (path: string, body?: unknown) => api<SandboxView>('POST', path, body)
  return {
    view,
    clockSkewMs,
    busy,
    problem,
    link,
    start: () => {
      if (startsAs === 'nobody') return router.push(signInPath())
      void act('start', () => (startsAs === 'guest' ? post('/api/guests') : post('/api/sandboxes', { labId })))
    },
    end: () => void act('end', () => api<SandboxView>('DELETE', `/api/sandboxes/${id}`)),
    extend: () => void act('extend', () => post(`/api/sandboxes/${id}/extend`)),
    reset: () => void act('reset', () => post(`/api/sandboxes/${id}/reset`)),
    openHint: (taskId, index) =>
      void act('hint', () => post(`/api/attempts/${view?.attemptId}/hints`, { taskId, index })),
    typeAnswer: (taskId, value) => void act('answer', () => post(`/api/sandboxes/${id}/answers`, { taskId, value })),
    breakScene: (scene) => void act('scene', () => post(`/api/sandboxes/${id}/scenes`, { scene })),
    nameLayer: (scene, layer) => void act('scene', () => post(`/api/sandboxes/${id}/scenes`, { scene, layer })),
    reportCheck: (taskId, text) =>
      act('report', async () => {
        await api('POST', `/api/sandboxes/${id}/reports`, { taskId, text })
        return null
      }),
    revealSolution: () =>
      void act('solution', async () => {
        await api('POST', `/api/attempts/${view?.attemptId}/solution`)
        router.refresh()
        return null
      }),
  }
}

function signInPath(error?: 'signed-out'): string {
  const callbackUrl = location.pathname + location.search
  return `/signin?${new URLSearchParams({ ...(error && { error }), callbackUrl })}`
}
