import { expect, it } from 'vitest'
import { pauseMs } from '#lib/checks/pause.ts'

it.each([
  ['typed just now, perhaps while the round ran', 0, 0, false, 100, 200],
  ['typed a moment ago', 350, 10, false, 900, 350],
  ['typed a moment ago, and seen', 350, 350, true, 100, 1000],
  ['typed a while ago', 8000, 8000, false, 100, 1000],
  ['typed a while ago, on a node that is busy', 8000, 8000, false, 600, 2400],
  ['typed a moment ago, on a node that is busy', 1500, 1500, false, 900, 1500],
  ['typed a moment ago, and seen, on a node that is busy', 1500, 1500, true, 900, 3600],
  ['something that takes its time, in silence', 20_000, 20_000, false, 100, 2000],
  ['a program that writes', 120_000, 500, false, 100, 1000],
  ['rounds that take for ever', 20_000, 20_000, false, 20_000, 5000],
  ['nobody is there', 60_000, 60_000, false, 100, 5000],
])('%s', (_, sinceLineMs, sinceActivityMs, seen, roundMs, pause) => {
  expect(pauseMs({ sinceLineMs, sinceActivityMs, seen, roundMs })).toBe(pause)
})
