import { describe, expect, it } from 'vitest'
import { type Attack, carryOut, judge, type Result, type Try } from '#attack/attack.ts'
import type { Range } from '#attack/range.ts'
import { table, tally } from '#attack/report.ts'

const outcome = (worked: boolean, seen: string): Try => ({ status: 'fulfilled', value: { worked, seen } })
const error = (message: string): Try => ({ status: 'rejected', reason: new Error(message) })

describe('judge', () => {
  it.each<[string, Try, Try, Pick<Result, 'verdict' | 'seen'>]>([
    [
      'a failed attack whose control worked',
      outcome(false, 'refused'),
      outcome(true, 'in'),
      { verdict: 'held', seen: 'refused' },
    ],
    ['an attack that worked', outcome(true, 'in'), outcome(true, 'in'), { verdict: 'ESCAPE', seen: 'in' }],
    ['an attack that worked, its control or not', outcome(true, 'in'), error('no'), { verdict: 'ESCAPE', seen: 'in' }],
    [
      'a control that failed',
      outcome(false, 'no'),
      outcome(false, 'nor here'),
      { verdict: 'void', seen: 'the control did not work: nor here' },
    ],
    [
      'a control that could not be made',
      outcome(false, 'no'),
      error('no pod'),
      { verdict: 'void', seen: 'no control: no pod' },
    ],
    [
      'a try that could not be made',
      error('no pod'),
      outcome(true, 'in'),
      { verdict: 'void', seen: 'could not be tried: no pod' },
    ],
  ])('%s', (_, attempt, proof, expected) => {
    expect(judge(attempt, proof)).toEqual(expected)
  })
})

it('tries the control first, and takes errors for void', async () => {
  const order: string[] = []
  const attack: Attack = {
    name: 'an attack',
    control: 'a defence off',
    proof: async () => {
      order.push('proof')
      return { worked: true, seen: 'in' }
    },
    attempt: () => {
      order.push('attempt')
      return Promise.reject(new Error('no pod'))
    },
  }
  const result = await carryOut('group', attack, 'root', {} as Range)
  expect(order).toEqual(['proof', 'attempt'])
  expect(result).toMatchObject({ group: 'group', attack: 'an attack', profile: 'root', verdict: 'void' })
})

const result = (verdict: Result['verdict'], seen = 'seen'): Result => ({
  group: 'kernel',
  attack: 'an attack',
  profile: 'root',
  control: 'a defence off',
  verdict,
  seen,
  durationMs: 1,
})

describe('table', () => {
  it('has a line for each result, and names what did not hold', () => {
    expect(table([result('held'), result('ESCAPE', 'got out')])).toBe(
      [
        '| attack            | profile | control       | seen           |',
        '| ----------------- | ------- | ------------- | -------------- |',
        '| kernel: an attack | root    | a defence off | seen           |',
        '| kernel: an attack | root    | a defence off | ESCAPE got out |',
      ].join('\n'),
    )
  })

  it('prints nothing that a terminal would obey', () => {
    const printed = table([result('held', '\u001b]0;title\u0007one\nnext\u0000 \u202ethree')])
    expect(printed).toContain('| ]0;title one next   three ')
    expect(printed.split('\n')).toHaveLength(3)
  })
})

describe('tally', () => {
  it.each([
    [[], { held: 0, escapes: 0, voids: 0, clean: false }],
    [[result('held')], { held: 1, escapes: 0, voids: 0, clean: true }],
    [[result('held'), result('void')], { held: 1, escapes: 0, voids: 1, clean: false }],
    [[result('held'), result('ESCAPE')], { held: 1, escapes: 1, voids: 0, clean: false }],
  ])('case %#', (results, expected) => {
    expect(tally(results)).toEqual(expected)
  })
})
