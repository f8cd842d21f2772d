import type { V1Node } from '@kubernetes/client-node'
import { quantity } from '#lib/k8s/quantity.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'

type Room = { memory: number; cpu: number; pods: number }
type Requests = { memory?: string; cpu?: string }

/** What the pod asks for, all its containers together. */
function wanted(pod: Manifest): Room {
  const { containers } = pod.spec as { containers: { resources?: { requests?: Requests } }[] }
  const sum = (of: (requests: Requests) => string | undefined) =>
    containers.reduce((all, { resources }) => all + quantity(of(resources?.requests ?? {})), 0)
  return { memory: sum(({ memory }) => memory), cpu: sum(({ cpu }) => cpu), pods: 1 }
}

/** What the node has for pods, whoever uses it now. */
export const roomOf = ({ status }: Pick<V1Node, 'status'>): Room => ({
  memory: quantity(status?.allocatable?.memory),
  cpu: quantity(status?.allocatable?.cpu),
  pods: quantity(status?.allocatable?.pods),
})

/** Whether the pods of a list of manifests find places on these nodes when nobody else is there: largest first. */
export function fits(manifests: Manifest[], nodes: Pick<V1Node, 'status'>[]): boolean {
  const free = nodes.map(roomOf)
  const pods = manifests.filter(({ kind }) => kind === 'Pod').map(wanted)
  return pods
    .sort((one, other) => other.memory - one.memory)
    .every((pod) => {
      const place = free.find(({ memory, cpu, pods }) => memory >= pod.memory && cpu >= pod.cpu && pods >= 1)
      if (!place) return false
      place.memory -= pod.memory
      place.cpu -= pod.cpu
      place.pods -= 1
      return true
    })
}
