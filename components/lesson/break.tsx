import type { BreakProps } from '#lib/content/elements.ts'

/** A hidden fault to find and mend: where it may be, and what to do. */
export function BreakScene({ layers, children }: BreakProps) {
  return (
    <div className="frame p-4 [&>*+*]:mt-3">
      {children}
      <p className="text-sm text-ink-soft">Where it may be: {layers.join(' · ')}</p>
    </div>
  )
}
