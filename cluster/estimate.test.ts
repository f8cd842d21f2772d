import { expect, test } from 'vitest'
import { estimate } from './estimate.ts'
import { formatSeconds, renderProgress } from './progress-line.ts'

const steps = [
  { name: 'big', seconds: 300 },
  { name: 'small', seconds: 100 },
]

test('begins with the measured total', () => {
  expect(estimate(steps, { index: 0, stepElapsedSeconds: 0, finishedSeconds: 0 })).toEqual({
    done: 0,
    total: 400,
    etaSeconds: 400,
  })
})

test('follows the machine’s pace', () => {
  expect(estimate(steps, { index: 1, stepElapsedSeconds: 0, finishedSeconds: 600 })).toEqual({
    done: 300,
    total: 400,
    etaSeconds: 200,
  })
})

test('a step that takes longer than measured never counts as done', () => {
  expect(estimate(steps, { index: 1, stepElapsedSeconds: 9999, finishedSeconds: 300 })).toMatchObject({
    done: 395,
    etaSeconds: 5,
  })
})

test('renders a bar, the step and the time left', () => {
  const progress = { component: 'binaries', step: 'building etcd', done: 50, total: 100, etaSeconds: 120 }
  expect(renderProgress(progress)).toBe('[############............] binaries: building etcd, about 2 min left')
  expect(renderProgress({ ...progress, total: 0, etaSeconds: null })).toBe(
    '[........................] binaries: building etcd',
  )
  expect(formatSeconds(89)).toBe('89 s')
})
