import { z } from 'zod'

const line = (longest: number) => z.string().trim().min(1).max(longest)
const level = z.enum(['beginner', 'intermediate', 'advanced'])
const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by dashes')
const lessonId = z
  .string()
  .regex(/^courses\/[a-z0-9-]+\/[a-z0-9-]+$/, 'a lesson, e.g. "courses/container-networking/a-network-of-one"')

const frontMatter = z.strictObject({
  title: line(80),
  summary: line(240),
  level,
  /** How long it takes a newcomer. */
  minutes: z.number().int().min(1).max(240),
  topics: z.array(slug).min(1).max(8),
  tags: z.array(slug).max(12).default([]),
  sources: z
    .array(z.strictObject({ title: line(160), author: line(80), url: z.url({ protocol: /^https?$/ }).optional() }))
    .default([]),
  authors: z.array(line(80)).default([]),
  /** What comes before: lessons, and what the cluster must be able to do. */
  requires: z.strictObject({ lessons: z.array(lessonId).default([]), cluster: z.array(slug).default([]) }).prefault({}),
  /** Rows of the curriculum that this covers. */
  rows: z.array(z.number().int().positive()).default([]),
  /** Items of those rows (`<row>.<item>` of content/curriculum.yaml), and the tasks of the lab that see each. */
  covers: z
    .record(
      z.string().regex(/^\d+\.[a-z][a-z0-9-]*$/, 'an item of a row, e.g. "2.runs"'),
      z.array(z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'a task of the lab')).min(1),
    )
    .default({}),
})

export const lessonFrontMatter = frontMatter
export const challengeFrontMatter = frontMatter
export const courseFile = z.strictObject({
  title: line(80),
  summary: line(240),
  level,
  order: z.number().int().nonnegative(),
  /** Slugs of courses to take before. */
  prerequisites: z.array(slug).default([]),
})

export type LessonFrontMatter = z.output<typeof lessonFrontMatter>
export type ChallengeFrontMatter = z.output<typeof challengeFrontMatter>
export type CourseFile = z.output<typeof courseFile>
