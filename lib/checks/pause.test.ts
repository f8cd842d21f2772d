import { expect, it } from 'vitest'
import { pauseMs } from '#lib/checks/pause.ts'

it.each([
  ['typed just now, perhaps while the round ran', 0, 100, 200],
  ['typed a moment ago', 350, 900, 350],
  ['typed a while ago', 20_000, 100, 1000],
  ['typed a while ago, on a node that is busy', 20_000, 600, 2400],
  ['rounds that take for ever', 20_000, 20_000, 5000],
  ['nobody is there', 60_001, 100, 5000],
])('%s', (_, sinceActivityMs, roundMs, pause) => {
  expect(pauseMs({ sinceActivityMs, roundMs })).toBe(pause)
})
