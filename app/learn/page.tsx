import type { Metadata } from 'next'
import Link from 'next/link'
import { FilterForm } from '#components/catalogue/filter-form.tsx'
import { ItemRow } from '#components/catalogue/item-row.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { currentUser } from '#lib/auth/current-user.ts'
import { catalogue } from '#lib/content/catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { env } from '#lib/env.ts'
import { getProgress, markOf } from '#lib/progress/get-progress.ts'
import { labAvailability } from '#lib/sandbox/lab-availability.ts'
import { filterSchema, found as findItems, type Item, isFiltering, matches } from './filter-catalogue.ts'

export const metadata: Metadata = { title: 'Learn', description: 'All courses, lessons and challenges.' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function LearnPage({ searchParams }: Props) {
  const filter = filterSchema.parse(await searchParams)
  const { courses, lessons, challenges, problems } = await catalogue()
  const user = await currentUser()
  const progress = user && (await getProgress({ userId: user.id }))
  const whyUnavailable = await labAvailability()
  const unavailable = ({ lab }: Item) => lab && whyUnavailable(lab.definition.lab)
  const mark = (item: Item) => (progress ? markOf(progress, item) : null)
  const hits = findItems([...lessons, ...challenges], filter.q)
  const wanted = (item: Item) => hits.has(item.id) && matches(item, filter, mark(item) === 'done')

  const shownCourses = courses.filter((course) => course.lessons.some(wanted))
  const shownChallenges = challenges.filter(wanted)
  const found = shownCourses.reduce((sum, course) => sum + course.lessons.filter(wanted).length, shownChallenges.length)
  const topics = [...new Set([...lessons, ...challenges].flatMap((item) => item.topics))].sort()
  const filtering = isFiltering(filter)
  return (
    <main id="main" className="mx-auto w-full max-w-5xl grow px-4 py-10 sm:px-6">
      <h1 className="text-2xl">Learn</h1>
      <p className="mt-2 max-w-[60ch] text-ink-soft">
        A lesson teaches one idea, with a machine beside it. A challenge asks you to use it, and an examiner checks that
        it holds.
      </p>
      <div className="mt-6">
        <FilterForm filter={filter} topics={topics} filtering={filtering} signedIn={user !== null} />
        {filtering && (
          // None is said by the page itself, below.
          <p role="status" className={found === 0 ? 'sr-only' : 'mt-3 text-sm text-ink-soft'}>
            {found === 1 ? 'One found' : `${found} found`}
          </p>
        )}
      </div>
      {found === 0 && (
        <div className="mt-8">
          <EmptyState
            title={filtering ? 'Nothing here matches' : 'The catalogue is empty'}
            action={
              filtering && (
                <Link href="/learn" className="lesson-link">
                  Show everything
                </Link>
              )
            }
          >
            <p>
              {filtering
                ? 'Try fewer words, or another level.'
                : 'As soon as a lesson is in the content folder, it is here.'}
            </p>
          </EmptyState>
        </div>
      )}
      {shownCourses.map((course) => (
        <section
          key={course.slug}
          id={course.slug}
          aria-labelledby={`${course.slug}-title`}
          className="mt-10 scroll-mt-6"
        >
          <p className="label">Course · {course.level}</p>
          <h2 id={`${course.slug}-title`} className="mt-1 text-xl">
            {course.title}
          </h2>
          <p className="mt-1 max-w-[65ch] text-sm text-ink-soft">{course.summary}</p>
          <ol className="frame mt-4 divide-y divide-rule">
            {course.lessons.map((lesson, index) =>
              wanted(lesson) ? (
                <ItemRow
                  key={lesson.id}
                  item={lesson}
                  mark={mark(lesson)}
                  unavailable={unavailable(lesson)}
                  number={index + 1}
                />
              ) : null,
            )}
          </ol>
        </section>
      ))}
      {shownChallenges.length > 0 && (
        <section id="challenges" aria-labelledby="challenges-title" className="mt-12 scroll-mt-6">
          <h2 id="challenges-title" className="text-xl">
            Challenges
          </h2>
          <p className="mt-1 text-sm text-ink-soft">Solved when every task holds at the same moment.</p>
          <ul className="frame mt-4 divide-y divide-rule">
            {shownChallenges.map((challenge) => (
              <ItemRow
                key={challenge.id}
                item={challenge}
                mark={mark(challenge)}
                unavailable={unavailable(challenge)}
              />
            ))}
          </ul>
        </section>
      )}
      {/* On one's own machine the reader is the author as well. */}
      {problems.length > 0 && (env().AUTH_DEV || env().NODE_ENV === 'development') && (
        <div className="mt-12">
          <Callout tone="warning" label="Kept back until mended">
            <ul className="grid gap-1 font-mono text-xs break-words">
              {problems.map(formatProblem).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </Callout>
        </div>
      )}
    </main>
  )
}
