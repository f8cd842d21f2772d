import { expect, test } from 'vitest'
import { renderReport } from '#bench/report.ts'
import { percentile, summary } from '#bench/stats.ts'

test('a report has a section for each bench that came to a verdict, with its arms as a table', () => {
  const report = renderReport(
    [
      { bench: 'echo', node: 'v1', arm: 'ours', p50Ms: 2 },
      { bench: 'echo', node: 'v1', arm: 'a | b', n: 3, calls: { get: 1, list: 2 } },
      { bench: 'echo', goal: 'G1', ratio: { p50: 1.5 }, pass: false },
      { bench: 'calls', goal: 'G13', missing: [], pass: true },
    ],
    { commit: 'abc' },
  )
  expect(report).toContain('- commit: abc')
  expect(report).toContain('## G1: echo, missed\n\n- ratio: p50 1.5\n\n| arm | p50Ms | n | calls |')
  expect(report).toContain('| ours | 2 |  |  |\n| a \\| b |  | 3 | get 1, list 2 |')
  expect(report).toContain('## G13: calls, met')
})

test('percentiles are of the samples themselves, by nearest rank', () => {
  const samples = [5, 1, 4, 2, 3]
  expect(percentile(samples, 0.5)).toBe(3)
  expect(percentile(samples, 0.95)).toBe(5)
  expect(percentile([], 0.5)).toBeNaN()
  expect(summary(samples)).toMatchObject({ n: 5, p50Ms: 3, maxMs: 5 })
})
