import { describe, expect, it } from 'vitest'
import { about, countdown, duration, verdictLine, warningAt } from '#components/workspace/words.ts'
import type { TaskView } from '#lib/sandbox/view.ts'

const task = (id: string, verdict: TaskView['verdict'], evidence = '', needs: string[] = []): TaskView => ({
  id,
  title: id,
  needs,
  verdict,
  evidence,
  wasTrueUntil: null,
  answer: null,
  hintsTotal: 0,
  hints: [],
})

describe('a verdict', () => {
  const one = task('one', 'pass', 'web runs')
  const two = task('two', 'not-yet', 'no cable')
  const three = task('three', 'waiting', '', ['one', 'two'])
  const all = [one, two, three]

  it('is evidence when it holds, and never "wrong" when it does not', () => {
    expect(verdictLine(one, all)).toBe('web runs')
    expect(verdictLine(two, all)).toBe('Not yet: no cable')
    expect(verdictLine(task('x', 'broken', 'curl: (7)'), all)).toBe(
      'Our check failed, not you. It tries again by itself.',
    )
  })

  it('waits for the first of its needs that does not hold', () => {
    expect(verdictLine(three, all)).toBe('Waiting for task 2')
  })
})

it.each([
  [0, '0:00'],
  [-5, '0:00'],
  [65, '1:05'],
  [3600, '1:00:00'],
  [3725, '1:02:05'],
])('%s seconds on a clock: %s', (seconds, text) => {
  expect(countdown(seconds)).toBe(text)
})

it.each([
  [0, 'about 1 s'],
  [40, 'about 40 s'],
  [180, 'about 3 min'],
])('%s seconds said: %s', (seconds, text) => {
  expect(about(seconds)).toBe(text)
})

it.each([
  [42, '42 s'],
  [720, '12 min'],
  [3900, '1 h 5 min'],
  [3599, '1 h 0 min'],
])('%s seconds gone by: %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

it.each([
  [3600, null],
  [601, null],
  [600, 10],
  [301, 10],
  [300, 5],
  [61, 5],
  [60, 1],
  [1, 1],
  [0, null],
])('%s seconds left: the warning of %s minutes', (seconds, minutes) => {
  expect(warningAt(seconds)).toBe(minutes)
})
