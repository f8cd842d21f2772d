'use client'

import { useEffect, useRef, useState } from 'react'
import { isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** `off`: may be asked for. `denied`: the browser does not allow it, or cannot. */
export type ReadyNotice = { state: 'off' | 'on' | 'denied'; ask: () => void }

/** A notification of the browser's when a machine that was waited for is there, or will not come. Asked for by a click only. */
export function useReadyNotice(view: SandboxView | null, title: string): ReadyNotice {
  const [state, setState] = useState<ReadyNotice['state']>('off')
  const before = useRef(view?.state)
  useEffect(() => {
    const was = before.current
    before.current = view?.state
    if (state !== 'on' || !view || (was !== 'queued' && was !== 'provisioning')) return
    const text = isUsable(view.state)
      ? 'Your machine is ready.'
      : view.state === 'failed' || view.state === 'lost'
        ? 'Your machine could not be started.'
        : null
    if (!text) return
    setState('off')
    if (document.visibilityState === 'visible' && document.hasFocus()) return
    try {
      const notice = new Notification(title, { body: text, icon: '/favicon.svg', tag: view.id })
      notice.onclick = () => {
        window.focus()
        notice.close()
      }
    } catch {
      // Some phones show notifications only from a service worker.
    }
  }, [view, state, title])

  return {
    state,
    ask: () => {
      if (!('Notification' in window)) return setState('denied')
      void Notification.requestPermission().then((answer) => setState(answer === 'granted' ? 'on' : 'denied'))
    },
  }
}
