'use client'

import { type PointerEvent, useState } from 'react'
import { SPLIT_MAX as MAX, SPLIT_MIN as MIN, SPLIT_COOKIE } from '#components/workspace/split.ts'

const STEP = 2

type SplitHandleProps = { percent: number; onChange: (percent: number) => void; controls: string }

/** The rule between text and machine: drag it, or focus it and use the arrow keys. Wide screens only. */
export function SplitHandle({ percent, onChange, controls }: SplitHandleProps) {
  const [dragging, setDragging] = useState(false)

  function move(next: number) {
    const clamped = Math.round(Math.min(MAX, Math.max(MIN, next)))
    // biome-ignore lint/suspicious/noDocumentCookie: the server draws the next page with it, so nothing shifts.
    document.cookie = `${SPLIT_COOKIE}=${clamped}; path=/; max-age=31536000; samesite=lax`
    onChange(clamped)
  }
  function drag(event: PointerEvent<HTMLElement>) {
    const box = event.currentTarget.parentElement?.getBoundingClientRect()
    if (dragging && box) move(((event.clientX - box.left) / box.width) * 100)
  }
  const KEYS: Record<string, number> = {
    ArrowLeft: percent - STEP,
    ArrowRight: percent + STEP,
    Home: MIN,
    End: MAX,
    Enter: 50,
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that takes focus is a widget; <hr> is not.
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the text"
      aria-controls={controls}
      aria-valuenow={percent}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      tabIndex={0}
      data-print="hide"
      className="group relative z-10 hidden w-px shrink-0 cursor-col-resize touch-none bg-rule lg:block"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDragging(true)
      }}
      onPointerMove={drag}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onDoubleClick={() => move(50)}
      onKeyDown={(event) => {
        const next = KEYS[event.key]
        if (next === undefined) return
        event.preventDefault()
        move(next)
      }}
    >
      <span className="absolute inset-y-0 -left-1.5 w-3" />
      <span
        className={`absolute top-1/2 -left-[3px] h-10 w-[7px] -translate-y-1/2 border border-rule-strong group-hover:bg-accent ${dragging ? 'bg-accent' : 'bg-paper'}`}
      />
    </div>
  )
}
