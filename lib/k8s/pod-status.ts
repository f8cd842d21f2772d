import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { PodStatus } from '#lib/sandbox/cluster-port.ts'
import { MACHINE_CONTAINER, MACHINE_LABEL, SANDBOX_LABEL } from '#lib/sandbox/names.ts'

/** Reasons of a waiting container that do not pass by themselves soon. */
const PULL_REASONS = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']

const endedBy = (status: V1ContainerStatus) => status.state?.terminated ?? status.lastState?.terminated

function terminationProblem(pod: V1Pod, machine: V1ContainerStatus | undefined): string | null {
  if (pod.status?.reason === 'Evicted') return 'The machine was evicted: it used more disk or memory than it may.'
  if (pod.metadata?.deletionTimestamp) return 'The machine was deleted.'
  const end = machine && endedBy(machine)
  if (end?.reason === 'OOMKilled') return 'The machine ran out of memory and was stopped.'
  if (end) return `The machine stopped (${end.reason ?? 'exit'} ${end.exitCode}).`
  if (pod.status?.phase === 'Failed') return `The machine stopped (${pod.status.reason ?? 'failed'}).`
  return null
}

function waitingProblem(pod: V1Pod): string | null {
  const statuses = pod.status?.containerStatuses ?? []
  for (const { state } of statuses) {
    const { reason = '', message = '' } = state?.waiting ?? {}
    if (PULL_REASONS.includes(reason)) return 'A machine image cannot be fetched.'
    if (reason.startsWith('CreateContainer') || reason.startsWith('RunContainer')) {
      return `The machine cannot be created: ${message.slice(0, 200)}`
    }
  }
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.reason === 'Unschedulable') return 'The cluster has no room for another machine right now.'
  return null
}

/** A machine pod in the platform's words; null for a pod without our labels. */
export function podStatus(pod: V1Pod): PodStatus | null {
  const sandboxId = pod.metadata?.labels?.[SANDBOX_LABEL]
  const machine = pod.metadata?.labels?.[MACHINE_LABEL]
  if (!sandboxId || !machine) return null
  const container = pod.status?.containerStatuses?.find(({ name }) => name === MACHINE_CONTAINER)
  // A restarted machine has a fresh root filesystem: the learner's one is gone, however ready the new one is.
  const restarted = (container?.restartCount ?? 0) > 0
  const ended = terminationProblem(pod, container)
  const terminated = ended !== null || restarted
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  const problem = terminated ? (ended ?? 'The machine restarted.') : waitingProblem(pod)
  return { sandboxId, machine, ready: ready && !terminated, terminated, problem }
}
