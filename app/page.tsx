import Link from 'next/link'
import { itemHref } from '#components/catalogue/item-row.tsx'
import { lessonElements } from '#components/lesson/elements.tsx'
import { LessonText } from '#components/lesson/lesson-text.tsx'
import { ClusterBanner } from '#components/shell/cluster-banner.tsx'
import { DockDrawing } from '#components/shell/dock-drawing.tsx'
import { buttonClass } from '#components/ui/button.tsx'
import { LiveLesson } from '#components/workspace/live-lesson.tsx'
import { summariseLab } from '#components/workspace/summarise-lab.ts'
import { currentVisitor } from '#lib/auth/current-user.ts'
import { personOf } from '#lib/auth/session.ts'
import { catalogue } from '#lib/content/catalogue.ts'
import { toReact } from '#lib/content/to-react.ts'
import type { Lesson } from '#lib/content/types.ts'
import { env } from '#lib/env.ts'
import { getClusterStatus } from '#lib/progress/get-cluster-status.ts'
import { getProgress } from '#lib/progress/get-progress.ts'
import { findSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { liveParts } from './live-parts.ts'
import { type Onward, onward } from './onward.ts'

const KIND: Record<Onward['why'], string> = {
  running: 'Your machine is running',
  unsolved: 'Where you left',
  next: 'Next for you',
  first: 'Begin here',
}

export default async function HomePage() {
  const visitor = await currentVisitor()
  const user = personOf(visitor)
  const guests = env().GUESTS > 0
  const [content, status] = await Promise.all([catalogue(), getClusterStatus()])
  const point = onward(content, user && (await getProgress({ userId: user.id })))
  const live = liveParts(content)
  const view = live && visitor && (await findSandboxView({ userId: visitor.id, labId: live.lesson.id }))
  return (
    <main id="main" className="flex grow flex-col">
      <ClusterBanner initial={status} />
      <div className="mx-auto w-full max-w-7xl px-4 py-8 sm:px-6 lg:py-10">
        <div className="flex flex-wrap items-end justify-between gap-x-10 gap-y-5">
          <div className="max-w-[60ch]">
            <h1 className="text-2xl">See how containers and Kubernetes work, on a machine of your own.</h1>
            <p className="mt-3 text-ink-soft">
              A lesson asks, a real machine answers, and an examiner says within a second or two what holds. Try it
              here.
            </p>
          </div>
          {point && (
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
              <p className="text-sm">
                <span className="label block">
                  {KIND[point.why]} · {point.item.kind} · {point.item.minutes} min
                </span>
                {point.item.title}
              </p>
              {/* A stranger's first step is the machine below. */}
              <Link
                href={itemHref(point.item)}
                className={buttonClass({ variant: live && !user ? 'outline' : 'primary' })}
              >
                {point.why === 'first' ? 'Start reading' : 'Go on'}
              </Link>
              <Link href="/learn" className={buttonClass()}>
                All lessons
              </Link>
            </div>
          )}
        </div>
        {live ? (
          <section aria-label="A lesson in small" className="mt-8">
            <LiveLesson
              lab={await summariseLab(live.lesson.id, live.lesson.title, live.lesson.lab.definition.lab)}
              initialView={view}
              startsAs={user ? 'user' : guests ? 'guest' : 'nobody'}
              taskId={live.taskId}
              taskText={toReact(live.taskText, lessonElements)}
              text={<LessonText body={live.prediction} />}
              next={{
                user: (
                  <p>
                    That is the first task of{' '}
                    <Link className="lesson-link" href={itemHref(live.lesson)}>
                      {live.lesson.title}
                    </Link>
                    . Your machine and what you did on it go with you.
                  </p>
                ),
                guest: <KeepIt lesson={live.lesson} />,
              }}
            />
          </section>
        ) : (
          !point && <p className="mt-8 text-ink-soft">There is no lesson in the content folder yet.</p>
        )}
        <section
          aria-labelledby="how"
          className="mt-14 grid items-center gap-x-14 gap-y-6 border-t border-rule pt-10 lg:grid-cols-2"
        >
          <div>
            <h2 id="how" className="text-xl">
              How it works
            </h2>
            <ol className="mt-4 grid list-decimal gap-3 pl-7 text-ink-soft marker:font-mono marker:text-ink-soft">
              <li>You are root in a shell. Every command works, because nothing is simulated.</li>
              <li>The machine around it is real and yours alone. Ended, it is gone; reset, it is new.</li>
              <li>The examiner stands outside. It looks at the machine itself, and what you type cannot fool it.</li>
            </ol>
            {!user && (
              <p className="mt-5 text-sm text-ink-soft">
                Reading needs no account{guests && ', nor does this first machine'}. Any other machine asks you to sign
                in, and brings you back to where you were.
              </p>
            )}
          </div>
          <DockDrawing className="mx-auto w-full max-w-md" />
        </section>
      </div>
    </main>
  )
}

/** For a guest who has done the task: how to keep it, and that nobody has to. */
function KeepIt({ lesson }: { lesson: Lesson }) {
  const href = itemHref(lesson)
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="max-w-[44ch] grow basis-60">
        That is the first task of “{lesson.title}”. Sign in, and the machine, the result and the rest of the lesson are
        yours. Or just{' '}
        <Link className="lesson-link" href={href}>
          read on
        </Link>
        .
      </p>
      <Link href={`/signin?callbackUrl=${encodeURIComponent(href)}`} className={buttonClass({ variant: 'primary' })}>
        Sign in and go on
      </Link>
    </div>
  )
}
