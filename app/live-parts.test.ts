import { expect, it } from 'vitest'
import type { Lesson } from '#lib/content/types.ts'
import { liveParts } from './live-parts.ts'

const predict = { type: 'element', tagName: 'dd-predict', properties: {}, children: [] }
const said = { type: 'text', value: 'Two words are enough.' }
const mark = (name: string) => ({ type: 'element', tagName: 'dd-task', properties: { name }, children: [said] })
const lab = (...needs: string[][]) => ({
  definition: { lab: { tasks: needs.map((needed, at) => ({ id: `t${at}`, needs: needed })) } },
})
const lesson = (id: string, children: unknown[], withLab: unknown) =>
  ({ id, body: { tree: { type: 'root', children }, headings: [] }, lab: withLab }) as unknown as Lesson
const courses = (...lessons: Lesson[]) => ({
  courses: [{ lessons }] as unknown as Parameters<typeof liveParts>[0]['courses'],
})

it('is the first lesson with both a prediction and a task that can be done at once', () => {
  const found = liveParts(
    courses(
      lesson('no-lab', [predict], null),
      lesson('no-prediction', [], lab([])),
      lesson('first', [mark('t0'), predict, mark('t1')], lab(['t1'], [])),
      lesson('second', [predict], lab([])),
    ),
  )
  expect(found).toMatchObject({ lesson: { id: 'first' }, taskId: 't1', prediction: { tree: { children: [predict] } } })
  expect(found?.taskText.tree.children).toEqual([said])
})

it('is nothing where there is no such lesson', () => {
  expect(liveParts(courses())).toBeNull()
  expect(liveParts(courses(lesson('x', [], null)))).toBeNull()
})
