import { expect, it } from 'vitest'
import type { Catalogue } from '#lib/content/types.ts'
import type { UserProgress } from '#lib/progress/get-progress.ts'
import { onward } from './onward.ts'

const read = { id: 'courses/a/read', lab: null }
const lesson = { id: 'courses/a/lab', lab: {} }
const challenge = { id: 'challenges/c', lab: {} }
const content = { courses: [{ lessons: [read, lesson] }], challenges: [challenge] } as unknown as Catalogue
const progress = (attempts: object[], visits: string[] = []) =>
  ({ attempts, visits: visits.map((lessonId) => ({ lessonId })) }) as unknown as UserProgress

it('begins with the first lesson', () => {
  expect(onward(content, null)).toEqual({ why: 'first', item: read })
  expect(onward(content, progress([]))).toEqual({ why: 'first', item: read })
})

it('goes on at the machine that runs, else at the newest unsolved attempt', () => {
  const open = { labId: challenge.id, solved: false, running: false }
  const running = { labId: lesson.id, solved: true, running: true }
  expect(onward(content, progress([open, running]))).toEqual({ why: 'running', item: lesson })
  expect(onward(content, progress([open]))).toEqual({ why: 'unsolved', item: challenge })
})

it('leads on to what is not done, past what was solved at another try', () => {
  const attempts = [
    { labId: lesson.id, solved: false, running: false },
    { labId: lesson.id, solved: true, running: false },
  ]
  expect(onward(content, progress(attempts, [read.id]))).toEqual({ why: 'next', item: challenge })
})

it('has nothing to say about an empty catalogue, or about labs that are gone', () => {
  expect(onward({ ...content, courses: [], challenges: [] }, null)).toBeNull()
  expect(onward(content, progress([{ labId: 'challenges/gone', solved: false, running: true }]))?.item).toBe(read)
})
