import type { V1ContainerStatus, V1PodStatus } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { podStatus } from '#lib/k8s/pod-status.ts'
import { MACHINE_LABEL, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import { problemWords } from '#lib/sandbox/problems.ts'

const metadata = { labels: { [SANDBOX_LABEL]: 's', [MACHINE_LABEL]: 'box' } }
const limits = { memory: '256Mi', 'ephemeral-storage': '1Gi' }
const spec = { containers: [{ name: 'machine', resources: { limits } }] }
const ready = { type: 'Ready', status: 'True' }
const machine = (status: Partial<V1ContainerStatus>) =>
  ({ name: 'machine', ready: true, restartCount: 0, image: '', imageID: '', ...status }) satisfies V1ContainerStatus
const exit = (reason: string) => ({ terminated: { exitCode: 137, reason } })
const waits = (reason: string, message = '') => ({
  containerStatuses: [machine({ ready: false, state: { waiting: { reason, message } } })],
})
const disrupted = (reason: string) => [{ type: 'DisruptionTarget', status: 'True', reason, message: 'm' }]

const fine: [string, V1PodStatus, boolean][] = [
  ['new', { phase: 'Pending' }, false],
  ['ready', { phase: 'Running', conditions: [ready], containerStatuses: [machine({})] }, true],
  [
    'ready, its examiner restarted',
    { conditions: [ready], containerStatuses: [machine({}), { ...machine({}), name: 'examiner', restartCount: 2 }] },
    true,
  ],
  ['about to get its containers', waits('ContainerCreating'), false],
]
it.each(fine)('a pod that is %s', (_, status, isReady) => {
  const expected = { ready: isReady, terminated: false, problem: null }
  expect(podStatus({ metadata, spec, status })).toEqual({ sandboxId: 's', machine: 'box', ...expected })
})

const unready: [string, V1PodStatus, string][] = [
  [
    'has an image that no registry knows',
    waits('ErrImagePull', 'failed to resolve "x": x: not found'),
    'image-missing',
  ],
  ['has an image that is not for us', waits('ImagePullBackOff', 'pull access denied for x'), 'image-missing'],
  ['has an image without a name', waits('InvalidImageName', 'could not parse'), 'image-missing'],
  ['waits for a registry', waits('ErrImagePull', 'dial tcp: i/o timeout'), 'image-unavailable'],
  ['the runtime cannot make', waits('CreateContainerError', 'no such device'), 'not-created'],
  [
    'has stopped, for a reason that is still to come',
    { containerStatuses: [machine({ state: exit('Error') })] },
    'stopping',
  ],
  [
    'fits on no node',
    {
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'Insufficient memory' }],
    },
    'no-room',
  ],
]
it.each(unready)('a pod that %s', (_, status, kind) => {
  expect(podStatus({ metadata, spec, status })).toMatchObject({ ready: false, terminated: false, problem: { kind } })
})

const over: [string, V1PodStatus, string, RegExp][] = [
  [
    'out of memory',
    { containerStatuses: [machine({ ready: false, state: exit('OOMKilled') })] },
    'out-of-memory',
    /more memory than it has \(256 MiB\)/,
  ],
  [
    'restarted after running out of memory, and ready again',
    {
      conditions: [ready],
      containerStatuses: [machine({ restartCount: 1, state: { running: {} }, lastState: exit('OOMKilled') })],
    },
    'out-of-memory',
    /256 MiB/,
  ],
  [
    'evicted for its own disk',
    {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Pod ephemeral local storage usage exceeds the total limit of 1Gi. ',
    },
    'out-of-disk',
    /fits on its disk \(1 GiB\)/,
  ],
  [
    'evicted for its node’s disk',
    { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
    'node-short',
    /not your doing/,
  ],
  [
    'evicted for its many files',
    { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: inodes. Threshold quantity: 5%.' },
    'out-of-inodes',
    /most of them/,
  ],
  ['turned away by the kubelet', { phase: 'Failed', reason: 'OutOfmemory' }, 'node-short', /ran short/],
  ['on a node that left', { conditions: disrupted('DeletionByTaintManager') }, 'node-gone', /not your doing/],
  [
    'restarted',
    { conditions: [ready], containerStatuses: [machine({ restartCount: 1, state: { running: {} } })] },
    'restarted',
    /restarted/,
  ],
  [
    'over without a reason',
    { phase: 'Succeeded', containerStatuses: [machine({ state: exit('Completed') })] },
    'stopped',
    /ended/,
  ],
  ['over', { phase: 'Failed', reason: 'DeadlineExceeded' }, 'stopped', /stopped/],
]
it.each(over)('a pod that is %s', (_, status, kind, words) => {
  const seen = podStatus({ metadata, spec, status })
  expect(seen).toMatchObject({ ready: false, terminated: true, problem: { kind } })
  expect(seen?.problem && problemWords(seen.problem)).toMatch(words)
})

it('a pod that is being deleted is no machine any more', () => {
  const deleted = { metadata: { ...metadata, deletionTimestamp: new Date() }, spec, status: { conditions: [ready] } }
  expect(podStatus(deleted)).toMatchObject({ ready: false, terminated: true, problem: { kind: 'deleted' } })
})

it('a pod that is not ours says nothing', () => {
  expect(podStatus({ metadata: { labels: {} } })).toBeNull()
})
