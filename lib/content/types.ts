import type { Root } from 'hast'
import type { ChallengeFrontMatter, CourseFile, LessonFrontMatter } from '#lib/content/front-matter.ts'
import type { ContentProblem } from '#lib/content/problem.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'

export type Heading = { id: string; text: string; depth: number }

/** A rendered text: a sanitised hast tree as plain data (`toReact` makes React nodes of it), and what it contains. */
export type Body = {
  tree: Root
  headings: Heading[]
  /** `<task>.<value>`: what checks say that the text shows of it. */
  facts: string[]
  /** The facts that its `:::record`s keep for other lessons, by their ids. */
  records: Record<string, string>
  /** The ids of other lessons' records that it shows. */
  recorded: string[]
  /** Variables of the lab that it shows. */
  vars: string[]
}

/** A lab as it is published now. `digest` names this version of it. */
export type ContentLab = { definition: LabDefinition; digest: string }

export type Lesson = LessonFrontMatter & {
  kind: 'lesson'
  /** `courses/<course>/<slug>`; the id of its lab, too. */
  id: string
  /** The course's slug. */
  course: string
  slug: string
  /** The number before the folder's name. */
  order: number
  body: Body
  lab: ContentLab | null
}

export type Challenge = ChallengeFrontMatter & {
  kind: 'challenge'
  /** `challenges/<slug>`; the id of its lab, too. */
  id: string
  slug: string
  body: Body
  lab: ContentLab
  solution: Solution
}

/** The reference, for after the solve: what was typed where, and why it works. */
export type Solution = { steps: SolutionStep[]; text: Body | null }
export type SolutionStep = { machine: string; terminal: string; script: string }

export type Course = CourseFile & {
  /** The folder's name. */
  slug: string
  /** In reading order. */
  lessons: Lesson[]
}

/** Everything that could be read, and every problem with the rest. */
export type Catalogue = {
  /** By `order`, then title. */
  courses: Course[]
  lessons: Lesson[]
  challenges: Challenge[]
  problems: ContentProblem[]
}
