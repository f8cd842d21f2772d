import { expect, it } from 'vitest'
import type { Progress } from '#cluster/contract.ts'
import { formatLeft, ProgressDisplay, percent, renderBox, renderStage } from './progress.ts'

const progress = (change: Partial<Progress> = {}): Progress => ({
  component: 'kubernetes',
  step: 'compiling',
  done: 41,
  total: 100,
  etaSeconds: 170,
  ...change,
})

const output = (options: { isTTY: boolean; columns?: number }) => {
  const written: string[] = []
  return { written, ...options, write: (text: string) => written.push(text) }
}

it.each([
  [null, ''],
  [0, '1 s left'],
  [59.4, '59 s left'],
  [60, 'about 1 min left'],
  [170, 'about 3 min left'],
])('says how long %s seconds are', (seconds, words) => expect(formatLeft(seconds)).toBe(words))

it.each([
  [0, 0, 0],
  [1, 3, 33],
  [3, 3, 100],
  [9, 3, 100],
  [-1, 3, 0],
])('%s of %s is %s %%', (done, total, expected) => expect(percent({ done, total })).toBe(expected))

it('draws a stage', () => {
  expect(renderStage('cluster programs', progress(), 100)).toBe(
    'cluster programs  ━━━━━━━━────────────  41 %  kubernetes: compiling · about 3 min left',
  )
})

it.each([20, 60, 80])('never draws over the edge of %s columns', (columns) => {
  const line = renderStage('cluster programs', progress({ step: 'x'.repeat(200) }), columns)
  expect(line.length).toBeLessThan(columns)
  expect(line).toMatch(/…$/)
})

it('draws a box around the longest line', () => {
  expect(renderBox(['a', 'bcd'])).toBe('╭─────╮\n│ a   │\n│ bcd │\n╰─────╯')
})

it('says each step once where nobody watches, and again after a while', () => {
  const out = output({ isTTY: false })
  let now = 0
  const display = new ProgressDisplay(out, () => now)
  display.update('images', progress())
  display.update('images', progress({ done: 42 }))
  expect(out.written).toEqual(['images: 41 % · kubernetes: compiling · about 3 min left\n'])
  now += 21_000
  display.update('images', progress({ done: 50 }))
  display.update('images', progress({ step: 'linking', done: 90, etaSeconds: null }))
  expect(out.written.slice(1)).toEqual([
    'images: 50 % · kubernetes: compiling · about 3 min left\n',
    'images: 90 % · kubernetes: linking\n',
  ])
})

it('redraws its block in place on a terminal, below what is said', () => {
  const out = output({ isTTY: true, columns: 100 })
  const display = new ProgressDisplay(out)
  display.update('a', progress())
  display.update('b', progress())
  display.say('hello')
  expect(out.written[0]).toBe('hello\n')
  expect(out.written[1]?.split('\n')).toHaveLength(3)
  display.finish('a', 'a is done')
  expect(out.written.slice(2, 4)).toEqual(['\x1b[2A\r\x1b[J', 'a is done\n'])
  expect(out.written[4]).toMatch(/^b .*\n$/)
  display.close()
  expect(out.written.at(-1)).toBe('\x1b[1A\r\x1b[J')
})
