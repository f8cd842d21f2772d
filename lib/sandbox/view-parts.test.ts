import { expect, it } from 'vitest'
import { testLab } from '#lib/sandbox/testing.ts'
import { NO_WORK, taskViews, waitingInQueue } from '#lib/sandbox/view-parts.ts'

const cluster = (state: string, message: string | null = null) => ({
  state,
  component: 'etcd',
  step: 'compiling',
  etaSeconds: 90,
  message,
})
const waiting = (state: string, message: string | null = null) =>
  waitingInQueue({ reason: null, position: 2, cluster: cluster(state, message) })

it.each([
  ['building', { stage: 'Building the lab machines', detail: 'etcd: compiling', etaSeconds: 90 }],
  ['booting', { stage: 'Booting the cluster', detail: 'etcd: compiling', etaSeconds: 90 }],
  ['ready', { stage: 'In the queue', detail: '', etaSeconds: 4 }],
])('a queued sandbox says what it waits for while the cluster is %s', (state, words) => {
  expect(waiting(state)).toEqual({ ...words, queuePosition: 2 })
})

it('a queued sandbox names why there are no machines, and estimates nothing it does not know', () => {
  expect(waiting('failed', 'The disk is full.')).toMatchObject({ detail: 'The disk is full.', etaSeconds: null })
  expect(waiting('none')).toMatchObject({ stage: 'No cluster is set up for labs', etaSeconds: null })
  expect(waiting('unreachable')).toMatchObject({ stage: 'Waiting for the cluster', etaSeconds: null })
  expect(waitingInQueue({ reason: null, position: 1, cluster: null })).toMatchObject({ etaSeconds: null })
})

it('a task waits for what it needs, unless it holds by itself', () => {
  const at = new Date('2026-01-01T10:42:00Z')
  const common = { attemptId: 'a', evidence: 'seen', values: {} }
  const result = { ...common, firstPassAt: at, passedUntil: null, evaluatedAt: at }
  const passing = (taskId: string) => ({ ...result, taskId, verdict: 'pass' as const, passedSince: at })
  const verdicts = (results: Parameters<typeof taskViews>[1]['results']) =>
    taskViews(testLab.lab, { ...NO_WORK, results }).map(({ verdict }) => verdict)
  expect(verdicts([])).toEqual([null, 'waiting'])
  expect(verdicts([passing('one')])).toEqual(['pass', null])
  expect(verdicts([passing('two')])).toEqual([null, 'pass'])
  const stopped = { ...passing('one'), verdict: 'notYet' as const, passedSince: null, passedUntil: at }
  const hintUses = [{ attemptId: 'a', taskId: 'one', index: 0, usedAt: at }]
  expect(taskViews(testLab.lab, { ...NO_WORK, results: [stopped], hintUses })[0]).toMatchObject({
    verdict: 'not-yet',
    wasTrueUntil: '2026-01-01T10:42:00.000Z',
    hintsTotal: 2,
    hints: ['look'],
  })
})
