import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { itemHref } from '#components/catalogue/item-row.tsx'
import { AttemptRow } from '#components/progress/attempt-row.tsx'
import { buttonClass } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { LocalTime } from '#components/ui/local-time.tsx'
import { TitleBlock } from '#components/ui/title-block.tsx'
import { currentUser } from '#lib/auth/current-user.ts'
import { catalogue } from '#lib/content/catalogue.ts'
import { getProgress } from '#lib/progress/get-progress.ts'

export const metadata: Metadata = { title: 'My progress' }

export default async function MePage() {
  const user = await currentUser()
  if (!user) redirect('/signin?callbackUrl=/me')
  const [{ attempts, visits }, { lessons, challenges }] = await Promise.all([
    getProgress({ userId: user.id }),
    catalogue(),
  ])
  const items = new Map([...lessons, ...challenges].map((item) => [item.id, item]))
  const solvedLabs = new Set(attempts.filter(({ solved }) => solved).map(({ labId }) => labId))
  const openLabs = new Set(attempts.map(({ labId }) => labId).filter((labId) => !solvedLabs.has(labId)))
  const empty = attempts.length === 0 && visits.length === 0
  return (
    <main id="main" className="mx-auto w-full max-w-4xl grow px-4 py-10 sm:px-6">
      <h1 className="text-2xl">My progress</h1>
      <p className="mt-2 text-ink-soft">Signed in as {user.name}.</p>
      <TitleBlock
        className="mt-6"
        cells={[
          { label: 'Solved', value: <span className="text-xl">{solvedLabs.size}</span> },
          { label: 'In progress', value: <span className="text-xl">{openLabs.size}</span> },
          { label: 'Lessons opened', value: <span className="text-xl">{visits.length}</span> },
        ]}
      />
      {empty && (
        <div className="mt-8">
          <EmptyState
            title="Nothing yet, and that is fine"
            action={
              <Link href="/learn" className={buttonClass({ variant: 'primary' })}>
                Choose a first lesson
              </Link>
            }
          >
            <p>What you solve, how long it took, and which lessons you opened will be listed here.</p>
          </EmptyState>
        </div>
      )}
      {attempts.length > 0 && (
        <section aria-labelledby="attempts" className="mt-10">
          <h2 id="attempts" className="text-xl">
            Attempts
          </h2>
          <ol className="frame mt-4 divide-y divide-rule">
            {attempts.map((attempt) => {
              const item = items.get(attempt.labId)
              return (
                <AttemptRow
                  key={attempt.id}
                  attempt={attempt}
                  title={item?.title ?? attempt.labId}
                  href={item ? itemHref(item) : null}
                />
              )
            })}
          </ol>
        </section>
      )}
      {visits.length > 0 && (
        <section aria-labelledby="visits" className="mt-10">
          <h2 id="visits" className="text-xl">
            Lessons opened
          </h2>
          <ul className="frame mt-4 divide-y divide-rule">
            {visits.map(({ lessonId, visitedAt }) => {
              const lesson = items.get(lessonId)
              return (
                <li key={lessonId} className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-3 sm:px-5">
                  {lesson ? (
                    <Link href={itemHref(lesson)} className="font-[560] hover:underline">
                      {lesson.title}
                    </Link>
                  ) : (
                    <span>{lessonId}</span>
                  )}
                  <LocalTime iso={visitedAt.toISOString()} className="font-mono text-xs text-ink-soft" />
                </li>
              )
            })}
          </ul>
        </section>
      )}
    </main>
  )
}
