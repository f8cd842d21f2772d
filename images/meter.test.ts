import { describe, expect, it } from 'vitest'
import type { Progress } from '#cluster/contract.ts'
import { meter } from './meter.ts'

function watched(totalSeconds: number) {
  const seen: Progress[] = []
  const clock = { now: 0 }
  const progress = meter(
    (step) => seen.push(step),
    totalSeconds,
    () => clock.now,
  )
  return { seen, clock, progress }
}

describe('progress', () => {
  it('only grows, and stays below a step’s share while the step lasts', () => {
    const { seen, clock, progress } = watched(20)
    progress.begin('base', 10)
    for (const now of [1, 5, 9, 15, 60, 600]) {
      clock.now = now
      progress.step(`at ${now}`)
    }
    progress.finish()
    progress.begin('net', 10)
    progress.stop()
    const done = seen.map((step) => step.done)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(seen.find(({ step }) => step === 'at 5')?.done).toBe(5)
    expect(Math.max(...seen.filter(({ step }) => step !== 'built').map((step) => step.done))).toBeLessThanOrEqual(10)
  })

  it('corrects the time left by how long finished steps took', () => {
    const { seen, clock, progress } = watched(20)
    progress.begin('base', 10)
    expect(seen.at(-1)?.etaSeconds).toBe(20)
    clock.now = 30
    progress.finish()
    expect(seen.at(-1)).toMatchObject({ component: 'image base', step: 'built', done: 10, total: 20, etaSeconds: 30 })
    progress.stop()
  })
})
