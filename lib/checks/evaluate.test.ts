import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterEvaluation,
  allHold,
  type Evaluation,
  evaluate,
  readyTasks,
  type VerdictWord,
} from '#lib/checks/evaluate.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
const seen = (taskId: string, verdict: VerdictWord, second: number, evidence: string = verdict): Evaluation => ({
  taskId,
  verdict,
  evidence,
  at: at(second),
})

describe('one task', () => {
  it('passes, stops, and says until when it was true', () => {
    const first = afterEvaluation(undefined, seen('a', 'pass', 1))
    const again = afterEvaluation(first, seen('a', 'pass', 2))
    expect(again).toMatchObject({ firstPassAt: at(1), passedSince: at(1), passedUntil: null })
    const stopped = afterEvaluation(again, seen('a', 'not-yet', 3))
    expect(stopped).toMatchObject({ verdict: 'not-yet', firstPassAt: at(1), passedSince: null, passedUntil: at(2) })
    expect(afterEvaluation(stopped, seen('a', 'not-yet', 4))).toMatchObject({ passedUntil: at(2) })
    expect(afterEvaluation(stopped, seen('a', 'pass', 5))).toMatchObject({
      firstPassAt: at(1),
      passedSince: at(5),
      passedUntil: null,
    })
  })

  it('keeps a pass when the checker breaks, and shows broken when there was none', () => {
    const passed = afterEvaluation(undefined, seen('a', 'pass', 1))
    expect(afterEvaluation(passed, seen('a', 'broken', 2))).toBe(passed)
    expect(afterEvaluation(undefined, seen('a', 'broken', 2))).toMatchObject({ verdict: 'broken', passedSince: null })
  })

  it('is passing exactly when the newest word that is not broken is a pass', () => {
    const verdicts = fc.array(fc.constantFrom<VerdictWord>('pass', 'not-yet', 'broken'), { minLength: 1 })
    fc.assert(
      fc.property(verdicts, (words) => {
        const { states } = evaluate(
          new Map(),
          words.map((word, index) => seen('a', word, index)),
        )
        const state = states.get('a')
        const newest = words.findLast((word) => word !== 'broken')
        expect(state?.passedSince != null).toBe(newest === 'pass')
        expect(state?.firstPassAt != null).toBe(words.includes('pass'))
      }),
    )
  })
})

describe('all tasks', () => {
  const tasks = [
    { id: 'a', needs: [] },
    { id: 'b', needs: ['a'] },
  ]

  it('reports only what a learner would see differently', () => {
    const one = evaluate(new Map(), [seen('a', 'not-yet', 1)])
    expect(one.changed.map(({ taskId }) => taskId)).toEqual(['a'])
    expect(evaluate(one.states, [seen('a', 'not-yet', 2)]).changed).toEqual([])
    expect(evaluate(one.states, [seen('a', 'not-yet', 2, 'another')]).changed).toHaveLength(1)
  })

  it('runs a task once its needs hold, and goes on when they stop to', () => {
    expect(readyTasks(tasks, new Map()).map(({ id }) => id)).toEqual(['a'])
    const { states } = evaluate(new Map(), [seen('a', 'pass', 1), seen('b', 'pass', 1)])
    const after = evaluate(states, [seen('a', 'not-yet', 2)]).states
    expect(readyTasks(tasks, after).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('hold together only when one round saw each of them pass', () => {
    expect(allHold(tasks, [seen('a', 'pass', 1), seen('b', 'pass', 1)])).toBe(true)
    expect(allHold(tasks, [seen('a', 'pass', 1)])).toBe(false)
    expect(allHold(tasks, [seen('a', 'pass', 1), seen('b', 'broken', 1)])).toBe(false)
    expect(allHold(tasks, [seen('a', 'pass', 1), seen('b', 'pass', 1), seen('b', 'not-yet', 2)])).toBe(false)
  })
})
