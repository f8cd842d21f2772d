import { z } from 'zod'

const line = (longest: number) => z.string().trim().min(1).max(longest)
const level = z.enum(['beginner', 'intermediate', 'advanced'])
const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by dashes')
const lessonId = z
  .string()
  .regex(/^courses\/[a-z0-9-]+\/[a-z0-9-]+$/, 'a lesson, e.g. "courses/container-networking/a-network-of-one"')

const frontMatter = z.strictObject({
  title: line(80).describe('Its name.'),
  summary: line(240).describe('What a list says of it.'),
  level: level.describe('For whom.'),
  minutes: z.number().int().min(1).max(240).describe('How long it takes a newcomer.'),
  topics: z.array(slug).min(1).max(8).describe('What it is about, for filters.'),
  tags: z.array(slug).max(12).default([]).describe('More words to find it by.'),
  sources: z
    .array(
      z.strictObject({
        title: line(160).describe('Its title.'),
        author: line(80).describe('Who wrote it.'),
        url: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe('Where it is.'),
      }),
    )
    .default([])
    .describe('What it is made after.'),
  authors: z.array(line(80)).default([]).describe('Who wrote it.'),
  requires: z
    .strictObject({
      lessons: z.array(lessonId).default([]).describe('Lessons that come before.'),
      cluster: z.array(slug).default([]).describe('What the cluster must be able to do.'),
    })
    .prefault({})
    .describe('What comes before.'),
  rows: z.array(z.number().int().positive()).default([]).describe('Rows of the curriculum that this is about.'),
  covers: z
    .record(
      z.string().regex(/^\d+\.[a-z][a-z0-9-]*$/, 'an item of a row, e.g. "2.runs"'),
      z.array(z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'a task of the lab')).min(1),
    )
    .default({})
    .describe(
      'Items of those rows (`<row>.<item>` of content/curriculum.yaml), and the tasks of the lab that see each.',
    ),
})

export const lessonFrontMatter = frontMatter
export const challengeFrontMatter = frontMatter
export const courseFile = z.strictObject({
  title: line(80).describe('Its name.'),
  summary: line(240).describe('What a list says of it.'),
  level: level.describe('For whom.'),
  order: z.number().int().nonnegative().describe('Its place among the courses.'),
  prerequisites: z.array(slug).default([]).describe('Folders of courses to take before.'),
})

export type LessonFrontMatter = z.output<typeof lessonFrontMatter>
export type ChallengeFrontMatter = z.output<typeof challengeFrontMatter>
export type CourseFile = z.output<typeof courseFile>
