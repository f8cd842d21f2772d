'use client'

import clsx from 'clsx'
import { type PointerEvent, useState } from 'react'

const STEP = 2

type SplitHandleProps = {
  label: string
  /** `vertical`: between left and right, `percent` of what is left of it. `horizontal`: `percent` of what is below it. */
  orientation: 'vertical' | 'horizontal'
  percent: number
  min: number
  max: number
  onChange: (percent: number) => void
  /** Double click or Enter: back to how it was at the start. */
  onReset: () => void
  /** Id of what it makes larger. */
  controls: string
}

/** The rule between two parts: drag it, or focus it and use the arrow keys. Wide screens only. */
export function SplitHandle({ label, orientation, percent, min, max, onChange, onReset, controls }: SplitHandleProps) {
  const [dragging, setDragging] = useState(false)
  const vertical = orientation === 'vertical'

  const move = (next: number) => onChange(Math.round(Math.min(max, Math.max(min, next))))
  function drag(event: PointerEvent<HTMLElement>) {
    const box = event.currentTarget.parentElement?.getBoundingClientRect()
    if (!dragging || !box) return
    move(
      ((vertical ? event.clientX - box.left : box.bottom - event.clientY) / (vertical ? box.width : box.height)) * 100,
    )
  }
  const keys: Record<string, number> = {
    [vertical ? 'ArrowLeft' : 'ArrowDown']: percent - STEP,
    [vertical ? 'ArrowRight' : 'ArrowUp']: percent + STEP,
    Home: min,
    End: max,
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that takes focus is a widget; <hr> is not.
    <div
      role="separator"
      aria-orientation={orientation}
      aria-label={label}
      aria-controls={controls}
      aria-valuenow={percent}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      data-print="hide"
      className={clsx(
        'group relative z-10 hidden shrink-0 touch-none bg-rule lg:block scripting-none:pointer-events-none',
        vertical ? 'w-px cursor-col-resize' : 'h-px cursor-row-resize',
      )}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDragging(true)
      }}
      onPointerMove={drag}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onDoubleClick={onReset}
      onKeyDown={(event) => {
        const next = keys[event.key]
        if (next === undefined && event.key !== 'Enter') return
        event.preventDefault()
        if (next === undefined) onReset()
        else move(next)
      }}
    >
      <span className={clsx('absolute', vertical ? 'inset-y-0 -left-1.5 w-3' : 'inset-x-0 -top-1.5 h-3')} />
      <span
        className={clsx(
          'absolute border border-rule-strong group-hover:bg-accent scripting-none:hidden',
          vertical
            ? 'top-1/2 -left-[3px] h-10 w-[7px] -translate-y-1/2'
            : '-top-[3px] left-1/2 h-[7px] w-10 -translate-x-1/2',
          dragging ? 'bg-accent' : 'bg-paper',
        )}
      />
    </div>
  )
}
