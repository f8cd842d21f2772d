import { lessonElements } from '#components/lesson/elements.tsx'
import { toReact } from '#lib/content/to-react.ts'
import type { Body } from '#lib/content/types.ts'

/** A rendered text with its interactive parts. */
export function LessonText({ body }: { body: Body }) {
  return <div className="lesson">{toReact(body, lessonElements)}</div>
}
