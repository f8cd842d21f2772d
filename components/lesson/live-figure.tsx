'use client'

import { useEffect, useRef } from 'react'
import { useLab } from '#components/workspace/lab-context.tsx'
import type { LiveProps } from '#lib/content/elements.ts'

type Part = { id: string; task: string; value: string | undefined }

/**
 * A drawing that follows the reader's machine: what a task brings about is faint until the task holds, and a text shows what
 * was found there. Without a machine the drawing stands as it was drawn.
 */
export function LiveFigure({ parts, children }: LiveProps) {
  const drawing = useRef<HTMLDivElement>(null)
  const drawn = useRef(new Map<string, string>())
  const lab = useLab()
  const tasks = lab?.tasks
  const view = lab?.sandbox.view
  const told = parts.map(partOf).flatMap(({ id, task, value }) => {
    const verdict = tasks?.find((one) => one.id === task)?.verdict ?? null
    const fact = value === undefined ? undefined : view?.facts[`${task}.${value}`]
    return [{ id, task, holds: verdict === 'pass', fact }]
  })

  useEffect(() => {
    for (const { id, holds, fact } of told) {
      const element = drawing.current?.querySelector<SVGElement>(`#${CSS.escape(id)}`)
      if (!element) continue
      if (view) element.dataset.live = holds || fact !== undefined ? 'holds' : 'faint'
      else delete element.dataset.live
      if (element.tagName !== 'text' && element.tagName !== 'tspan') continue
      const before = drawn.current.get(id) ?? element.textContent ?? ''
      drawn.current.set(id, before)
      element.textContent = fact ?? before
    }
  })

  const facts = told.filter(({ fact }) => fact !== undefined)
  return (
    <>
      <div ref={drawing}>{children}</div>
      {view && (
        <p className="sr-only">
          In your machine now:{' '}
          {facts.length === 0 ? 'nothing of it yet.' : facts.map(({ task, fact }) => `${task}: ${fact}`).join('; ')}
        </p>
      )}
    </>
  )
}

function partOf(written: string): Part {
  const [id = '', follows = ''] = written.split(':')
  const [task = '', value] = follows.split('.')
  return { id, task, value }
}
