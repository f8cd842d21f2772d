import { db } from '#lib/db/client.ts'

/** Remembers that a user opened a lesson, and when they last did. */
export async function recordLessonVisit({ userId, lessonId }: { userId: string; lessonId: string }): Promise<void> {
  const visitedAt = new Date()
  await db().lessonVisit.upsert({
    where: { userId_lessonId: { userId, lessonId } },
    create: { userId, lessonId, visitedAt },
    update: { visitedAt },
  })
}
