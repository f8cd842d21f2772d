import type { Body, Catalogue, Lesson } from '#lib/content/types.ts'

/** A lesson's first prediction, and the first of its lab's tasks: what the home page asks. */
export type LiveParts = { lesson: Lesson & { lab: NonNullable<Lesson['lab']> }; prediction: Body; taskId: string }

/** The first lesson with a lab that has a prediction, in the order of the catalogue; null when there is none. */
export function liveParts({ courses }: Pick<Catalogue, 'courses'>): LiveParts | null {
  for (const lesson of courses.flatMap(({ lessons }) => lessons)) {
    const { lab, body } = lesson
    const node = body.tree.children.find((child) => child.type === 'element' && child.tagName === 'dd-predict')
    // Nothing may have to be done before it.
    const task = lab?.definition.lab.tasks.find(({ needs }) => needs.length === 0)
    if (!lab || !node || !task) continue
    return {
      lesson: { ...lesson, lab },
      prediction: { tree: { type: 'root', children: [node] }, headings: [] },
      taskId: task.id,
    }
  }
  return null
}
