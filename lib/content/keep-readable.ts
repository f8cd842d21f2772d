import { folderOf } from '#lib/content/folder-of.ts'
import type { Catalogue, Challenge, Lesson } from '#lib/content/types.ts'

/**
 * A catalogue in which what has a mistake at the moment is as it was before, so that an author keeps the page, and the
 * terminal on it, while they mend a file. Pure.
 */
export function keepReadable(before: Catalogue, now: Catalogue): Catalogue {
  const isBroken = (folder: string) => now.problems.some(({ file }) => file.startsWith(`${folder}/`))
  const lost = <T extends Lesson | Challenge>(old: T[], present: T[]) =>
    old.filter((item) => !present.some(({ id }) => id === item.id) && isBroken(folderOf(item)))

  const courses = [
    ...now.courses,
    ...before.courses.filter(
      ({ slug }) => !now.courses.some((course) => course.slug === slug) && isBroken(`courses/${slug}`),
    ),
  ].map((course) => {
    const old = before.courses.find(({ slug }) => slug === course.slug)?.lessons ?? []
    const kept = lost(old, course.lessons)
    return { ...course, lessons: [...course.lessons, ...kept].sort((a, b) => a.order - b.order) }
  })
  return {
    ...now,
    courses,
    lessons: courses.flatMap(({ lessons }) => lessons),
    challenges: [...now.challenges, ...lost(before.challenges, now.challenges)],
  }
}
