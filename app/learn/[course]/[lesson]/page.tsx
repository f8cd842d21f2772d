import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { after } from 'next/server'
import { LessonFoot } from '#components/lesson/lesson-foot.tsx'
import { LessonText } from '#components/lesson/lesson-text.tsx'
import { TextHead } from '#components/lesson/text-head.tsx'
import { LabWorkspace } from '#components/workspace/lab-workspace.tsx'
import { currentUser } from '#lib/auth/current-user.ts'
import { catalogue, lessonOf, recordSources, verifiedOf } from '#lib/content/catalogue.ts'
import { getRecords } from '#lib/progress/get-records.ts'
import { recordLessonVisit } from '#lib/progress/record-lesson-visit.ts'

type Props = { params: Promise<{ course: string; lesson: string }> }

async function find({ params }: Props) {
  const { course, lesson } = await params
  return lessonOf(`courses/${course}/${lesson}`)
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const lesson = await find(props)
  return lesson ? { title: lesson.title, description: lesson.summary } : {}
}

export default async function LessonPage(props: Props) {
  const lesson = await find(props)
  if (!lesson) notFound()
  const course = (await catalogue()).courses.find(({ slug }) => slug === lesson.course)
  if (!course) notFound()
  const user = await currentUser()
  if (user) after(() => recordLessonVisit({ userId: user.id, lessonId: lesson.id }))

  const lessons = course.lessons
  const at = lessons.findIndex(({ id }) => id === lesson.id)
  const next = lessons[at + 1]
  const text = (
    <article className="px-4 py-8 sm:px-8 lg:px-10">
      <TextHead
        item={lesson}
        crumb={{ href: `/learn#${course.slug}`, title: course.title }}
        verified={await verifiedOf(lesson)}
        number={`Lesson ${at + 1} of ${lessons.length}`}
      />
      <LessonText body={lesson.body} records={await getRecords(user?.id ?? null, await recordSources(lesson.body))} />
      <LessonFoot previous={lessons[at - 1]} next={next} />
    </article>
  )
  if (!lesson.lab) {
    return (
      <main id="main" className="mx-auto w-full max-w-4xl grow">
        {text}
      </main>
    )
  }
  return (
    <LabWorkspace
      labId={lesson.id}
      title={lesson.title}
      lab={lesson.lab}
      solution={null}
      text={text}
      next={
        next && (
          <Link className="lesson-link" href={`/learn/${next.course}/${next.slug}`}>
            Next: {next.title}
          </Link>
        )
      }
    />
  )
}
