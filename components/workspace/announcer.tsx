'use client'

import { useEffect, useRef, useState } from 'react'
import { withoutCode } from '#components/ui/inline-code.tsx'
import { stateWord } from '#components/workspace/words.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** Tells screen readers what changed, politely and without moving the focus. */
export function Announcer({ view }: { view: SandboxView | null }) {
  const [text, setText] = useState('')
  const before = useRef(view)
  useEffect(() => {
    const news = changes(before.current, view)
    before.current = view
    if (news) setText(news)
  }, [view])
  return (
    <div role="status" aria-live="polite" className="sr-only" data-testid="announcer">
      {text}
    </div>
  )
}

/** The difference between two views, in sentences; empty when nothing worth saying changed. */
export function changes(before: SandboxView | null, now: SandboxView | null): string {
  if (!now || before === now) return ''
  const said: string[] = []
  if (before?.state !== now.state) said.push(`Machine: ${stateWord(now.state)}.`)
  now.tasks.forEach((task, index) => {
    const was = before?.tasks.find(({ id }) => id === task.id)?.verdict ?? null
    if (task.verdict === 'pass' && was !== 'pass') said.push(`Task ${index + 1} is done: ${withoutCode(task.title)}.`)
    if (task.verdict !== 'pass' && was === 'pass')
      said.push(`Task ${index + 1} is not true any more: ${withoutCode(task.title)}.`)
  })
  if (now.solvedAt && !before?.solvedAt) said.push('All tasks hold together. This is solved.')
  return said.join(' ')
}
