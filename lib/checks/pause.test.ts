import { expect, it } from 'vitest'
import { pauseMs } from '#lib/checks/pause.ts'

it.each([
  ['typed just now, perhaps while the round ran', 0, 200],
  ['typed a moment ago', 350, 350],
  ['typed a while ago', 20_000, 1000],
  ['nobody is there', 60_001, 5000],
])('%s', (_, sinceActivityMs, pause) => {
  expect(pauseMs(sinceActivityMs)).toBe(pause)
})
