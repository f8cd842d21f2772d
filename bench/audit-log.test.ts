import { expect, test } from 'vitest'
import { parseCalls, watchesOpenAt } from '#bench/audit-log.ts'

const at = (second: number) => new Date(second * 1000).toISOString()
const line = (event: { id: string; second: number; ended?: number; who?: string; verb?: string; query?: string }) =>
  JSON.stringify({
    auditID: event.id,
    stage: event.ended === undefined ? 'ResponseStarted' : 'ResponseComplete',
    verb: event.verb ?? 'watch',
    requestURI: `/api/v1/pods${event.query ?? ''}`,
    user: { username: event.who ?? 'platform' },
    requestReceivedTimestamp: at(event.second),
    stageTimestamp: at(event.ended ?? event.second),
    objectRef: { resource: 'pods', ...(event.verb === 'get' ? { subresource: 'exec', namespace: 'n' } : {}) },
  })

test('a call with two lines is one; what others asked, and half a line, is nothing', () => {
  const calls = parseCalls(
    [
      line({ id: 'b', second: 5, verb: 'get', ended: 6 }),
      line({ id: 'a', second: 1 }),
      line({ id: 'a', second: 1, ended: 9 }),
      line({ id: 'c', second: 2, who: 'platform-of-another' }),
      line({ id: 'd', second: 2 }).slice(0, -9),
    ],
    'platform',
  )
  expect(calls).toMatchObject([
    { verb: 'watch', resource: 'pods', at: 1000, endedAt: 9000 },
    { verb: 'get', resource: 'pods/exec', namespace: 'n', at: 5000, endedAt: 6000 },
  ])
})

test('watches are open from their first line to their last; by kind, and by whether it is ours alone', () => {
  const calls = parseCalls(
    [
      line({ id: 'ended', second: 1, ended: 4 }),
      line({ id: 'next', second: 4 }),
      line({ id: 'ours', second: 2, query: '?labelSelector=x' }),
      line({ id: 'later', second: 8 }),
    ],
    'platform',
  )
  expect(watchesOpenAt(calls, 3000)).toEqual({ pods: 1, 'pods of ours': 1 })
  expect(watchesOpenAt(calls, 5000)).toEqual({ pods: 1, 'pods of ours': 1 })
  expect(watchesOpenAt(calls, 8000)).toEqual({ pods: 2, 'pods of ours': 1 })
})
