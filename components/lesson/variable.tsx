import type { VarProps } from '#lib/content/elements.ts'

/** A value that is drawn for each attempt, before there is one. */
export function Variable({ name }: VarProps) {
  return (
    <span className="border-rule text-ink-soft rounded border px-1" title="drawn when you start">
      {name}
    </span>
  )
}
