import type { CoreV1Event, V1Pod } from '@kubernetes/client-node'
import type { Place } from '#attack/box.ts'
import { podStatus } from '#lib/k8s/pod-status.ts'
import { problemWords } from '#lib/sandbox/problems.ts'
import type { Ask } from '#lib/sandbox/test-api.ts'

/** A pod as the API server has it; null when it is gone. */
export async function podAt(admin: Ask, { namespace, pod }: Place): Promise<V1Pod | null> {
  const { status, body } = await admin('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`)
  if (status !== 200 && status !== 404) throw new Error(`the pod cannot be read: ${status}`)
  return status === 200 ? (JSON.parse(body) as V1Pod) : null
}

/** In the platform's words, as the learner reads it; null while all is well. */
export async function problemOf(admin: Ask, place: Place): Promise<string | null> {
  const pod = await podAt(admin, place)
  if (!pod) return `the machine is gone: ${await lastWords(admin, place)}`
  const problem = podStatus(pod)?.problem
  return problem ? problemWords(problem) : null
}

/** What the cluster said of a pod last. */
async function lastWords(admin: Ask, { namespace, pod }: Place): Promise<string> {
  const { status, body } = await admin(
    'GET',
    `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name=${pod}`,
  )
  const events = status === 200 ? (JSON.parse(body).items as CoreV1Event[]) : []
  const last = events.toSorted((a, b) => `${a.lastTimestamp}`.localeCompare(`${b.lastTimestamp}`)).at(-1)
  return last ? `${last.reason}, ${last.message}` : 'nothing was said of it'
}
