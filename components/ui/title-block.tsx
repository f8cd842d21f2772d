import clsx from 'clsx'
import type { ReactNode } from 'react'

export type TitleBlockCell = { label: string; value: ReactNode }

/** The title block of a drawing: what this sheet is, in ruled cells. */
export function TitleBlock({ cells, className }: { cells: TitleBlockCell[]; className?: string }) {
  return (
    <dl className={clsx('grid grid-cols-2 gap-px border border-rule bg-rule sm:flex sm:flex-wrap', className)}>
      {cells.map(({ label, value }) => (
        <div key={label} className="grow bg-sheet px-3 py-2 max-sm:odd:last:col-span-2">
          <dt className="label">{label}</dt>
          <dd className="mt-0.5 text-sm">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
