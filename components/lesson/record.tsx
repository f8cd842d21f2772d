'use client'

import Link from 'next/link'
import { useRecords } from '#components/lesson/records-context.tsx'
import { LocalTime } from '#components/ui/local-time.tsx'
import { useLab } from '#components/workspace/lab-context.tsx'
import type { RecordedProps, RecordProps } from '#lib/content/elements.ts'

/** A measurement of the reader's own: their machine says it as soon as its task holds, and later lessons show it. */
export function MeasuredRecord({ id, title, fact, unit, children }: RecordProps) {
  const kept = useRecords()[id]
  const now = useLab()?.sandbox.view?.facts[fact] ?? kept?.measured?.value
  return (
    <div className="frame p-4 sm:p-5">
      <p className="label mb-2">Measure and keep</p>
      <div className="[&>*+*]:mt-4">{children}</div>
      <p role="status" className="mt-4 border-t border-rule pt-3 text-sm">
        {title}:{' '}
        {now === undefined ? (
          <span className="text-ink-soft">not measured yet. What you measure here comes back in later lessons.</span>
        ) : (
          <Value value={now} unit={unit} />
        )}
      </p>
    </div>
  )
}

/** What the reader measured in a lesson before, or where they can. */
export function RecordedValue({ id, title, unit }: RecordedProps) {
  const kept = useRecords()[id]
  return (
    <p className="border-l-[3px] border-l-accent bg-sheet px-4 py-3 text-sm">
      {title}, measured by you:{' '}
      {kept?.measured ? (
        <>
          <Value value={kept.measured.value} unit={unit} />
          <span className="text-ink-soft">
            , <LocalTime iso={kept.measured.at} />
          </span>
        </>
      ) : (
        <span className="text-ink-soft">
          not yet.{' '}
          {kept && (
            <>
              You measure it in{' '}
              <Link className="lesson-link" href={kept.href}>
                {kept.lesson}
              </Link>
              .
            </>
          )}
        </span>
      )}
    </p>
  )
}

function Value({ value, unit }: { value: string; unit: string }) {
  return (
    <strong className="font-mono">
      {value}
      {unit && ` ${unit}`}
    </strong>
  )
}
