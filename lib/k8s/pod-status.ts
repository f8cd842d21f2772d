import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { PodStatus } from '#lib/sandbox/cluster-port.ts'
import { MACHINE_CONTAINER, MACHINE_LABEL, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import type { Problem, ProblemKind } from '#lib/sandbox/problems.ts'

/** Reasons with which the kubelet waits for an image (pkg/kubelet/images/types.go). */
const PULLING = ['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError']
const NO_IMAGE = ['InvalidImageName', 'ErrImageNeverPull']
/** What registries and runtimes say of an image that is not there, or not for us (distribution's error codes). */
const NOT_THERE =
  /not found|manifest unknown|name unknown|does not exist|access denied|unauthorized|insufficient_scope/i
/** A pod's end that was its node's (kubernetes.io/docs/concepts/cluster-administration/node-shutdown). */
const NODE_ENDED = ['NodeLost', 'NodeShutdown', 'Shutdown', 'Terminated']

const problem = (kind: ProblemKind, detail = ''): Problem => ({ kind, detail: detail.slice(0, 300) })

const limitOf = (pod: V1Pod, resource: string): string =>
  pod.spec?.containers.find(({ name }) => name === MACHINE_CONTAINER)?.resources?.limits?.[resource] ?? ''

/** The kubelet's words for an eviction tell whether the pod or its node used too much (pkg/kubelet/eviction/helpers.go). */
function evicted(pod: V1Pod, message: string): Problem {
  if (/ephemeral|emptyDir/i.test(message) && !/low on resource/i.test(message)) {
    return problem('out-of-disk', limitOf(pod, 'ephemeral-storage'))
  }
  // Of those on the node, the one with the most files is the first to go.
  if (/low on resource: inodes/.test(message)) return problem('out-of-inodes', message)
  return problem('node-short', message)
}

/** Why the machine that was is no more; null while it may be. */
function ending(pod: V1Pod, machine: V1ContainerStatus | undefined): Problem | null {
  const { reason = '', message = '', phase, conditions } = pod.status ?? {}
  if (reason === 'Evicted') return evicted(pod, message)
  if (NODE_ENDED.includes(reason)) return problem('node-gone', message)
  if (/^OutOf/.test(reason)) return problem('node-short', message)
  // Drained, tainted or preempted: kubernetes.io/docs/concepts/workloads/pods/disruptions, "pod disruption conditions".
  const disrupted = conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
  if (disrupted) return problem('node-gone', `${disrupted.reason} ${disrupted.message}`)
  const end = machine?.state?.terminated ?? machine?.lastState?.terminated
  if (end?.reason === 'OOMKilled') return problem('out-of-memory', limitOf(pod, 'memory'))
  if (pod.metadata?.deletionTimestamp) return problem('deleted')
  // A restarted machine has a fresh root filesystem: the learner's one is gone, however ready the new one is.
  if ((machine?.restartCount ?? 0) > 0) return problem('restarted', `${end?.reason ?? 'exit'} ${end?.exitCode ?? ''}`)
  return phase === 'Failed' || phase === 'Succeeded' ? problem('stopped', `${phase} ${reason} ${message}`) : null
}

/** Why a machine is not ready, without being over; null when it is merely on its way. */
function unready(pod: V1Pod): Problem | null {
  for (const { state } of pod.status?.containerStatuses ?? []) {
    const { reason = '', message = '' } = state?.waiting ?? {}
    if (NO_IMAGE.includes(reason)) return problem('image-missing', message)
    if (PULLING.includes(reason)) {
      return problem(NOT_THERE.test(message) ? 'image-missing' : 'image-unavailable', message)
    }
    if (reason.endsWith('Error')) return problem('not-created', `${reason} ${message}`)
  }
  const machine = pod.status?.containerStatuses?.find(({ name }) => name === MACHINE_CONTAINER)
  const { terminated } = machine?.state ?? {}
  // The kubelet keeps an eviction to itself until the last container has ended (pkg/kubelet/status, mergePodStatus).
  if (terminated) return problem('stopping', `${terminated.reason ?? 'exit'} ${terminated.exitCode}`)
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  return scheduled?.reason === 'Unschedulable' ? problem('no-room', scheduled.message) : null
}

/** A machine pod in the platform's terms; null for a pod without our labels. */
export function podStatus(pod: V1Pod): PodStatus | null {
  const sandboxId = pod.metadata?.labels?.[SANDBOX_LABEL]
  const machine = pod.metadata?.labels?.[MACHINE_LABEL]
  if (!sandboxId || !machine) return null
  const end = ending(
    pod,
    pod.status?.containerStatuses?.find(({ name }) => name === MACHINE_CONTAINER),
  )
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  return { sandboxId, machine, ready: ready && !end, terminated: end !== null, problem: end ?? unready(pod) }
}
