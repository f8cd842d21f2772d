import { expect, it } from 'vitest'
import { pauseMs } from '#lib/checks/pause.ts'

it.each([
  ['typed just now, perhaps while the round ran', 0, false, 100, 200],
  ['typed a moment ago', 350, false, 900, 350],
  ['typed a moment ago, and seen', 350, true, 100, 1000],
  ['typed a while ago', 20_000, false, 100, 1000],
  ['typed a while ago, on a node that is busy', 20_000, false, 600, 2400],
  ['rounds that take for ever', 20_000, false, 20_000, 5000],
  ['nobody is there', 60_001, false, 100, 5000],
])('%s', (_, sinceActivityMs, seen, roundMs, pause) => {
  expect(pauseMs({ sinceActivityMs, seen, roundMs })).toBe(pause)
})
