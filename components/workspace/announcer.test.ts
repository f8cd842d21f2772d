import { expect, it } from 'vitest'
import { changes } from '#components/workspace/announcer.tsx'
import type { SandboxView, TaskView } from '#lib/sandbox/view.ts'

const view = (verdicts: TaskView['verdict'][], rest: Partial<SandboxView> = {}) =>
  ({
    state: 'ready',
    solvedAt: null,
    tasks: verdicts.map((verdict, index) => ({ id: `t${index}`, title: `Title ${index}`, verdict })),
    ...rest,
  }) as SandboxView

it('says nothing when nothing worth saying changed', () => {
  expect(changes(null, null)).toBe('')
  expect(changes(view(['not-yet']), view(['broken']))).toBe('')
})

it('says what passed, what un-passed, and the solve', () => {
  expect(changes(view(['not-yet', null]), view(['pass', null]))).toBe('Task 1 is done: Title 0.')
  expect(changes(view(['pass']), view(['not-yet']))).toBe('Task 1 is not true any more: Title 0.')
  expect(changes(view(['not-yet']), view(['pass'], { solvedAt: 'now' }))).toMatch(/Task 1 is done.*This is solved\./)
})

it('says how the machine is', () => {
  expect(changes(view([], { state: 'queued' }), view([]))).toBe('Machine: Running.')
})
