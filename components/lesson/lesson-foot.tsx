import { ArrowLeft, ArrowRight } from 'lucide-react'
import Link from 'next/link'
import type { Lesson } from '#lib/content/types.ts'

/** The way on, and the way back. */
export function LessonFoot({ previous, next }: { previous: Lesson | undefined; next: Lesson | undefined }) {
  return (
    <nav
      aria-label="Lessons of this course"
      data-print="hide"
      className="mt-14 grid gap-px border border-rule bg-rule text-sm sm:grid-cols-2"
    >
      {previous ? (
        <Link
          href={`/learn/${previous.course}/${previous.slug}`}
          className="flex items-center gap-3 bg-sheet p-4 hover:bg-well"
        >
          <ArrowLeft size={16} aria-hidden className="shrink-0" />
          <span>
            <span className="label block">Before</span>
            {previous.title}
          </span>
        </Link>
      ) : (
        <span className="bg-sheet max-sm:hidden" />
      )}
      <Link
        href={next ? `/learn/${next.course}/${next.slug}` : '/learn#challenges'}
        className="flex items-center justify-end gap-3 bg-sheet p-4 text-right hover:bg-well"
      >
        <span>
          <span className="label block">Next</span>
          {next ? next.title : 'The challenges'}
        </span>
        <ArrowRight size={16} aria-hidden className="shrink-0" />
      </Link>
    </nav>
  )
}
