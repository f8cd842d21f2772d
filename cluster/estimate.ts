import type { Progress } from './contract.ts'

export type Weighted = { name: string; seconds: number }

/**
 * Progress of steps done one after the other, each with a measured duration. Finished steps count their whole weight,
 * the running one its elapsed time up to 95 %; the time left scales with how this machine compared so far.
 */
export function estimate(
  steps: readonly Weighted[],
  current: { index: number; stepElapsedSeconds: number; finishedSeconds: number },
): Pick<Progress, 'done' | 'total' | 'etaSeconds'> {
  const weight = (list: readonly Weighted[]) => list.reduce((sum, { seconds }) => sum + seconds, 0)
  const total = weight(steps)
  const finished = weight(steps.slice(0, current.index))
  const running = steps[current.index]?.seconds ?? 0
  // Short steps say little about the machine: the measured speed counts as far as there was work to measure.
  const pace = finished >= 30 ? current.finishedSeconds / finished : 1
  const expected = running * pace
  const share = expected === 0 ? 0 : Math.min(current.stepElapsedSeconds / expected, 0.95)
  const done = finished + running * share
  return { done: Math.round(done), total, etaSeconds: Math.max(0, Math.round((total - done) * pace)) }
}
