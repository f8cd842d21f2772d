import { lessonElements } from '#components/lesson/elements.tsx'
import { RecordsProvider } from '#components/lesson/records-context.tsx'
import { toReact } from '#lib/content/to-react.ts'
import type { Body } from '#lib/content/types.ts'
import type { ReaderRecord } from '#lib/progress/get-records.ts'

/** A rendered text with its interactive parts. `records`: the reader's own measurements that it shows. */
export function LessonText({ body, records = {} }: { body: Body; records?: Record<string, ReaderRecord> }) {
  return (
    <RecordsProvider value={records}>
      <div className="lesson">{toReact(body, lessonElements)}</div>
    </RecordsProvider>
  )
}
