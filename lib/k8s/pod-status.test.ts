import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { podStatus } from '#lib/k8s/pod-status.ts'
import { MACHINE_LABEL, SANDBOX_LABEL } from '#lib/sandbox/names.ts'

const metadata = { labels: { [SANDBOX_LABEL]: 's', [MACHINE_LABEL]: 'box' } }
const ready = { type: 'Ready', status: 'True' }
const machine = (status: Partial<V1ContainerStatus>) =>
  ({ name: 'machine', ready: true, restartCount: 0, image: '', imageID: '', ...status }) satisfies V1ContainerStatus
const exit = (reason: string) => ({ terminated: { exitCode: 137, reason } })

const cases: [string, V1Pod, { ready: boolean; terminated: boolean; problem: string | null }][] = [
  ['new', { metadata, status: { phase: 'Pending' } }, { ready: false, terminated: false, problem: null }],
  [
    'ready',
    { metadata, status: { phase: 'Running', conditions: [ready], containerStatuses: [machine({})] } },
    { ready: true, terminated: false, problem: null },
  ],
  [
    'ready, its examiner restarted',
    {
      metadata,
      status: {
        conditions: [ready],
        containerStatuses: [machine({}), { ...machine({}), name: 'examiner', restartCount: 2 }],
      },
    },
    { ready: true, terminated: false, problem: null },
  ],
  [
    'out of memory',
    { metadata, status: { containerStatuses: [machine({ ready: false, state: exit('OOMKilled') })] } },
    { ready: false, terminated: true, problem: 'The machine ran out of memory and was stopped.' },
  ],
  [
    'restarted after running out of memory, and ready again',
    {
      metadata,
      status: {
        conditions: [ready],
        containerStatuses: [machine({ restartCount: 1, state: { running: {} }, lastState: exit('OOMKilled') })],
      },
    },
    { ready: false, terminated: true, problem: 'The machine ran out of memory and was stopped.' },
  ],
  [
    'evicted',
    { metadata, status: { phase: 'Failed', reason: 'Evicted' } },
    { ready: false, terminated: true, problem: 'The machine was evicted: it used more disk or memory than it may.' },
  ],
  [
    'being deleted',
    { metadata: { ...metadata, deletionTimestamp: new Date() }, status: { conditions: [ready] } },
    { ready: false, terminated: true, problem: 'The machine was deleted.' },
  ],
  [
    'without an image',
    {
      metadata,
      status: { containerStatuses: [machine({ ready: false, state: { waiting: { reason: 'ImagePullBackOff' } } })] },
    },
    { ready: false, terminated: false, problem: 'A machine image cannot be fetched.' },
  ],
  [
    'without room',
    {
      metadata,
      status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
    },
    { ready: false, terminated: false, problem: 'The cluster has no room for another machine right now.' },
  ],
]

it.each(cases)('a pod that is %s', (_, pod, expected) => {
  expect(podStatus(pod)).toEqual({ sandboxId: 's', machine: 'box', ...expected })
})

it('a pod that is not ours says nothing', () => {
  expect(podStatus({ metadata: { labels: {} } })).toBeNull()
})
