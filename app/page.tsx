import Link from 'next/link'
import { itemHref } from '#components/catalogue/item-row.tsx'
import { ClusterBanner } from '#components/shell/cluster-banner.tsx'
import { DockDrawing } from '#components/shell/dock-drawing.tsx'
import { buttonClass } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { currentUser } from '#lib/auth/current-user.ts'
import { catalogue } from '#lib/content/catalogue.ts'
import { getClusterStatus } from '#lib/progress/get-cluster-status.ts'
import { getProgress } from '#lib/progress/get-progress.ts'
import { type Onward, onward } from './onward.ts'

const KIND: Record<Onward['why'], string> = {
  running: 'Your machine is running',
  unsolved: 'Where you left',
  next: 'Next for you',
  first: 'Begin here',
}

export default async function HomePage() {
  const user = await currentUser()
  const [content, status] = await Promise.all([catalogue(), getClusterStatus()])
  const point = onward(content, user && (await getProgress({ userId: user.id })))
  return (
    <main id="main" className="flex grow flex-col">
      <ClusterBanner initial={status} />
      <div className="mx-auto grid w-full max-w-6xl grow content-center gap-x-14 gap-y-10 px-4 py-10 sm:px-6 lg:grid-cols-[1.1fr_1fr] lg:py-16">
        <div>
          <h1 className="text-2xl sm:text-3xl">See how containers and Kubernetes work, on a machine of your own.</h1>
          <p className="mt-5 max-w-[56ch] text-lg text-ink-soft">
            You read a lesson. Beside it stands a real machine in which every command works. An examiner looks at the
            machine itself and tells you within a second or two what holds, and what not yet.
          </p>
          {point ? (
            <Card className="mt-8">
              <p className="label">
                {KIND[point.why]} · {point.item.kind} · {point.item.minutes} min
              </p>
              <h2 className="mt-1 text-lg">{point.item.title}</h2>
              <p className="mt-1 text-sm text-ink-soft">{point.item.summary}</p>
              <div className="mt-5 flex flex-wrap gap-3">
                <Link href={itemHref(point.item)} className={buttonClass({ variant: 'primary' })}>
                  {point.why === 'first' ? 'Start reading' : 'Go on'}
                </Link>
                <Link href="/learn" className={buttonClass()}>
                  All lessons and challenges
                </Link>
              </div>
            </Card>
          ) : (
            <p className="mt-8 text-ink-soft">There is no lesson in the content folder yet.</p>
          )}
          {!user && (
            <p className="mt-4 text-sm text-ink-soft">
              Reading needs no account. Starting a machine asks you to sign in.
            </p>
          )}
        </div>
        <DockDrawing className="w-full self-center max-lg:hidden" />
      </div>
    </main>
  )
}
