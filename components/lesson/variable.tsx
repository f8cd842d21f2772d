'use client'

import { useLab } from '#components/workspace/lab-context.tsx'
import type { VarProps } from '#lib/content/elements.ts'

/** A value that is drawn for each attempt; before there is one, its name. */
export function Variable({ name }: VarProps) {
  const value = useLab()?.sandbox.view?.vars[name]
  if (value !== undefined) return value
  return (
    <span className="border-rule text-ink-soft rounded border px-1" title="drawn when you start">
      {name}
    </span>
  )
}
