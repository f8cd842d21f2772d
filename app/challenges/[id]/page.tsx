import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { LessonText } from '#components/lesson/lesson-text.tsx'
import { TextHead } from '#components/lesson/text-head.tsx'
import { LabWorkspace } from '#components/workspace/lab-workspace.tsx'
import { catalogue, challengeOf, verifiedOf } from '#lib/content/catalogue.ts'

type Props = { params: Promise<{ id: string }> }

const find = async ({ params }: Props) => challengeOf(`challenges/${(await params).id}`)

export async function generateMetadata(props: Props): Promise<Metadata> {
  const challenge = await find(props)
  return challenge ? { title: challenge.title, description: challenge.summary } : {}
}

export default async function ChallengePage(props: Props) {
  const challenge = await find(props)
  if (!challenge) notFound()
  const { challenges } = await catalogue()
  const next = challenges[challenges.findIndex(({ id }) => id === challenge.id) + 1]
  return (
    <LabWorkspace
      labId={challenge.id}
      title={challenge.title}
      lab={challenge.lab}
      solution={challenge.solution}
      text={
        <article className="px-4 py-8 sm:px-8 lg:px-10">
          <TextHead
            item={challenge}
            crumb={{ href: '/learn#challenges', title: 'Challenges' }}
            verified={await verifiedOf(challenge)}
          />
          <LessonText body={challenge.body} />
        </article>
      }
      next={
        <>
          What next?{' '}
          <Link className="lesson-link" href={next ? `/${next.id}` : '/learn'}>
            {next ? next.title : 'Back to all lessons'}
          </Link>{' '}
          ·{' '}
          <Link className="lesson-link" href="/me">
            My progress
          </Link>
        </>
      }
    />
  )
}
