import type { Element, RootContent } from 'hast'
import type { Body, Catalogue, Lesson } from '#lib/content/types.ts'

/** A lesson's first prediction, the first of its lab's tasks and what the lesson says of it: what the home page asks. */
export type LiveParts = {
  lesson: Lesson & { lab: NonNullable<Lesson['lab']> }
  prediction: Body
  taskId: string
  taskText: Body
}

const partOf = (body: Body, children: RootContent[]): Body => ({
  ...body,
  tree: { type: 'root', children },
  headings: [],
})

/** The first lesson with a lab that has a prediction, in the order of the catalogue; null when there is none. */
export function liveParts({ courses }: Pick<Catalogue, 'courses'>): LiveParts | null {
  for (const lesson of courses.flatMap(({ lessons }) => lessons)) {
    const { lab, body } = lesson
    const elements = body.tree.children.filter((child): child is Element => child.type === 'element')
    const prediction = elements.find(({ tagName }) => tagName === 'dd-predict')
    // Nothing may have to be done before it.
    const task = lab?.definition.lab.tasks.find(({ needs }) => needs.length === 0)
    if (!lab || !prediction || !task) continue
    const mark = elements.find(({ tagName, properties }) => tagName === 'dd-task' && properties.name === task.id)
    return {
      lesson: { ...lesson, lab },
      prediction: partOf(body, [prediction]),
      taskId: task.id,
      taskText: partOf(body, mark?.children ?? []),
    }
  }
  return null
}
