import { db } from '#lib/db/client.ts'

/** Remembers that a user opened a lesson, and when they last did. */
export async function recordLessonVisit({ userId, lessonId }: { userId: string; lessonId: string }): Promise<void> {
  const visitedAt = new Date()
  // Two tabs at once: one makes the row, both set its time.
  await db().lessonVisit.createMany({ data: { userId, lessonId, visitedAt }, skipDuplicates: true })
  await db().lessonVisit.updateMany({ where: { userId, lessonId }, data: { visitedAt } })
}
