import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { V1Pod } from '@kubernetes/client-node'
import type { Attack, Outcome } from '#attack/attack.ts'
import { eventually, execIn, type Place } from '#attack/box.ts'
import type { Range, Subject } from '#attack/range.ts'
import { runScript } from '#attack/scripted.ts'
import { percentile } from '#bench/stats.ts'
import { podStatus } from '#lib/k8s/pod-status.ts'
import { PROFILES, type ProfileName } from '#lib/sandbox/machine-profiles.ts'
import { problemWords } from '#lib/sandbox/problems.ts'
import type { Ask } from '#lib/sandbox/test-api.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

/** What one sandbox can use up. Each is bounded in number and time, and goes with its sandbox. */
const PROCESSES = 700
const ECHOES = 40
/** A neighbour may become this much slower. */
const ECHO_FACTOR = 2
const ECHO_MARGIN_MS = 20
const LOAD_MS = 5000
/** No echo for this long counts as this long. */
const SILENCE_MS = 2500
/** The kubelet looks at disks every ten seconds. */
const EVICTION_MS = 120_000
const OBJECTS = 130
const MAX_MEGABYTES = 45

/** Forks as often as it may, at most `PROCESSES` times, and tells how many lived at once. */
const FORKS = `perl -e 'my @all; for (1..${PROCESSES}) { my $pid = fork; last unless defined $pid; if (!$pid) { sleep 8; exit } push @all, $pid }
print scalar(@all), " processes at once", (@all < ${PROCESSES} ? ", then: $!" : ""), "\\n"; kill 9, @all; exit(@all < ${PROCESSES})'`
/** Twice as much as the profile has, so that it is its bound that ends it. */
const hog = (profile: ProfileName) => {
  const megabytes = 2 * PROFILES[profile].size.memoryMiB
  return `perl -e 'my @all; push @all, "x" x (1 << 20) for 1..${megabytes}; print "had ${megabytes} MiB\n"'; code=$?
[ $code = 0 ] || { echo "ended by signal $((code & 127))"; false; }`
}
const FILL_FACTOR = 1.4
const filler = (profile: ProfileName) =>
  `head -c ${Math.ceil(FILL_FACTOR * PROFILES[profile].size.diskMiB[1])}M /dev/zero >/tmp/fill && echo "$(du -m /tmp/fill | cut -f 1) MB"`

const statusOf = async (admin: Ask, { namespace, pod }: Place) => {
  const { status, body } = await admin('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`)
  if (status !== 200 && status !== 404) throw new Error(`the pod cannot be read: ${status}`)
  return status === 200 ? (JSON.parse(body) as V1Pod) : null
}
/** In the platform's words, as the learner reads it; null while all is well. */
const problemOf = async (admin: Ask, place: Place): Promise<string | null> => {
  const pod = await statusOf(admin, place)
  if (!pod) return 'the machine is gone'
  const problem = podStatus(pod)?.problem
  return problem ? problemWords(problem) : null
}

/** A terminal that was open before the load began; `p95` is from a line to its echo. */
async function keyboard(range: Range, { namespace, pod }: Place) {
  const terminal = await eventually(() => openTestTerminal(range.exec, namespace, 'aux', pod))
  const salt = randomBytes(3).toString('hex')
  let count = 0
  const echo = async () => {
    // The terminal shows what earlier keyboards typed, too.
    const word = `${salt}-${count++}-`
    const startedAt = performance.now()
    terminal.type(`: ${word}`)
    while (!terminal.output().includes(word) && performance.now() - startedAt < SILENCE_MS) await sleep(1)
    return performance.now() - startedAt
  }
  await echo()
  return {
    close: terminal.close,
    p95: async () => {
      const times: number[] = []
      const until = Date.now() + LOAD_MS
      while (times.length < ECHOES && Date.now() < until) times.push(await echo())
      return percentile(times, 0.95)
    },
  }
}

/** Types a load into a sandbox and leaves it to it. */
async function load(range: Range, { namespace, pod }: Place, line: string): Promise<() => void> {
  const terminal = await eventually(() => openTestTerminal(range.exec, namespace, 'main', pod))
  terminal.type(line)
  await sleep(1000)
  return terminal.close
}

async function slowed(range: Range, beside: Subject, victim: Place, line: string): Promise<Outcome> {
  const keys = await keyboard(range, victim)
  const before = await keys.p95()
  const close = await load(range, beside, line)
  let during = 0
  for (let round = 0; round < 3; round++) during = Math.max(during, await keys.p95())
  for (const one of [close, keys.close]) one()
  const problem = await problemOf((await range.askers()).admin, beside)
  return {
    worked: during > ECHO_FACTOR * before + ECHO_MARGIN_MS,
    seen: `echo p95 ${before.toFixed(0)} → ${during.toFixed(0)} ms; ${problem ?? 'their machine lives on'}`,
  }
}

/** One sandbox's load is felt in its own terminal, and not in a neighbour's. */
const felt = (name: string, line: string): Attack => ({
  name: `slow a neighbour: ${name}`,
  control: 'the same load in the neighbour’s own sandbox',
  attempt: async (range, profile) => {
    await using attacker = await range.spare(profile)
    return slowed(range, attacker, await range.neighbour(), line)
  },
  proof: async (range, profile) => {
    await using own = await range.spare(profile)
    return slowed(range, own, own, line)
  },
})

/** Evicted, or still there with what it wrote. */
async function fill(
  range: Range,
  profile: ProfileName,
  place: Place & { box: Subject['box'] },
  waitMs: number,
): Promise<Outcome> {
  const { admin } = await range.askers()
  const answer = await place.box.run(filler(profile), { timeoutMs: EVICTION_MS })
  const until = Date.now() + waitMs
  while (Date.now() < until) {
    const problem = await problemOf(admin, place)
    const evicted = (await statusOf(admin, place))?.status?.reason === 'Evicted'
    if (problem || evicted) return { worked: false, seen: problem ?? 'evicted' }
    await sleep(1000)
  }
  return { worked: answer.code === 0, seen: `keeps ${answer.output.trim()}` }
}

const KINDS: { api: string; plural: string; body: (name: string) => object }[] = [
  { api: '/api/v1', plural: 'configmaps', body: (name) => ({ metadata: { name } }) },
  { api: '/api/v1', plural: 'secrets', body: (name) => ({ metadata: { name } }) },
  { api: '/api/v1', plural: 'serviceaccounts', body: (name) => ({ metadata: { name } }) },
  { api: '/api/v1', plural: 'services', body: (name) => ({ metadata: { name }, spec: { ports: [{ port: 80 }] } }) },
  {
    api: '/api/v1',
    plural: 'persistentvolumeclaims',
    body: (name) => ({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }),
  },
  { api: '/apis/rbac.authorization.k8s.io/v1', plural: 'roles', body: (name) => ({ metadata: { name } }) },
  {
    api: '/apis/rbac.authorization.k8s.io/v1',
    plural: 'rolebindings',
    body: (name) => ({
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'learner' },
    }),
  },
  { api: '/apis/apps/v1', plural: 'deployments', body: (name) => workload(name, { replicas: 0 }) },
  { api: '/apis/apps/v1', plural: 'replicasets', body: (name) => workload(name, { replicas: 0 }) },
  { api: '/apis/apps/v1', plural: 'statefulsets', body: (name) => workload(name, { replicas: 0, serviceName: name }) },
  { api: '/apis/apps/v1', plural: 'daemonsets', body: (name) => workload(name, {}, { nodeSelector: { no: 'node' } }) },
  { api: '/apis/batch/v1', plural: 'jobs', body: (name) => ({ metadata: { name }, spec: job }) },
  {
    api: '/apis/batch/v1',
    plural: 'cronjobs',
    body: (name) => ({ metadata: { name }, spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } } }),
  },
  {
    api: '/apis/networking.k8s.io/v1',
    plural: 'ingresses',
    body: (name) => ({ metadata: { name }, spec: { defaultBackend: { service: { name, port: { number: 80 } } } } }),
  },
]
const podSpec = { containers: [{ name: 'c', image: 'busybox' }] }
const workload = (name: string, spec: object, pod: object = {}) => {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { ...podSpec, ...pod } }
  return { metadata: { name }, spec: { ...spec, selector: { matchLabels: labels }, template } }
}
const job = { suspend: true, template: { spec: { ...podSpec, restartPolicy: 'Never' } } }

/** Makes objects until it is refused, at most so many; deletes them. */
async function makeMany(ask: Ask, namespace: string, { api, plural, body }: (typeof KINDS)[number], limit: number) {
  const path = `${api}/namespaces/${namespace}/${plural}`
  let count = 0
  let refusal = ''
  while (count < limit && !refusal) {
    const answer = await ask('POST', path, { body: body(`attack-${count}`) })
    if (answer.status === 201) count++
    else refusal = `${answer.status} ${answer.body.slice(0, 200)}`
  }
  await Promise.all(Array.from({ length: count }, (_, index) => ask('DELETE', `${path}/attack-${index}`)))
  return { count, refusal }
}

const manyObjects = (kind: (typeof KINDS)[number]): Attack => {
  const make = async (ask: Ask, namespace: string): Promise<Outcome> => {
    const { count, refusal } = await makeMany(ask, namespace, kind, OBJECTS)
    if (refusal && !refusal.includes('exceeded quota')) throw new Error(refusal)
    return { worked: count === OBJECTS, seen: `${count} made${refusal ? ', then the quota' : ''}` }
  }
  return {
    name: `10,000 ${kind.plural}`,
    from: ({ kubernetes }) => kubernetes,
    control: 'the same role in a namespace without our quota',
    attempt: async (range, profile) => make((await range.askers()).learner, (await range.subject(profile)).learner),
    proof: async (range) => make((await range.askers()).peer, range.foreign),
  }
}

const megabyte = 'x'.repeat(1_000_000)
const bigObjects = {
  api: '/api/v1',
  plural: 'configmaps',
  body: (name: string) => ({ metadata: { name }, data: { megabyte } }),
}

/** Datagrams to as many ports, and how many entries more the node's connection table has then. */
const DATAGRAMS = 2000
const COUNT = 'cat /proc/sys/net/netfilter/nf_conntrack_count'
async function remembered(range: Range, { box }: { box: Subject['box'] }): Promise<Outcome> {
  const [node, target] = await Promise.all([range.control('node', 'root'), range.control('open', 'shell')])
  const entries = async () => Number((await node.box.run(COUNT)).output)
  const before = await entries()
  await box.run(`for port in {20001..${20000 + DATAGRAMS}}; do echo >/dev/udp/${target.ip}/$port; done 2>/dev/null`)
  const more = (await entries()) - before
  if (Number.isNaN(more)) throw new Error('the node does not count its connections')
  return { worked: more > DATAGRAMS / 2, seen: `${more} entries more after ${DATAGRAMS} datagrams` }
}

export const RESOURCES: Attack[] = [
  {
    name: `${PROCESSES} processes`,
    control: 'the same program on this machine, outside of any pod',
    attempt: async (range, profile) => {
      await using spare = await range.spare(profile)
      const [outcome] = await Promise.allSettled([
        runScript(spare.box, `${FORKS} | tee /tmp/forks; exit \${PIPESTATUS[0]}`, 15_000),
      ])
      if (outcome.status === 'fulfilled') return outcome.value
      // Their own shell may be the one that finds no room: what was counted lies in the machine once the processes ended.
      const { output } = await eventually(async () => {
        const answer = await execIn(range.exec, spare, ['cat', '/tmp/forks'])
        if (!answer.output.includes('at once'))
          throw new Error((await problemOf((await range.askers()).admin, spare)) ?? 'no count')
        return answer
      }, 30_000)
      return { worked: !output.includes('then:'), seen: output.trim() }
    },
    proof: async () => {
      const run = promisify(execFile)('bash', ['-c', FORKS], { timeout: 30_000 })
      return run.then(
        ({ stdout }) => ({ worked: true, seen: stdout.trim() }),
        (error: Error & { stdout?: string }) => ({ worked: false, seen: error.stdout?.trim() ?? error.message }),
      )
    },
  },
  {
    name: 'twice the memory one has',
    control: 'a limit four times as high',
    attempt: async (range, profile) => {
      await using spare = await range.spare(profile)
      const { admin } = await range.askers()
      const [outcome] = await Promise.allSettled([runScript(spare.box, hog(profile))])
      if (outcome.status === 'fulfilled') return outcome.value
      // The whole machine went: then the platform says why.
      const problem = await problemOf(admin, spare)
      if (!problem) throw outcome.reason
      return { worked: false, seen: problem }
    },
    proof: async (range, profile) => runScript((await range.control('roomy', profile)).box, hog(profile)),
  },
  {
    name: 'more disk than one has',
    control: 'a limit four times as high',
    attempt: async (range, profile) => {
      await using spare = await range.spare(profile)
      return fill(range, profile, spare, EVICTION_MS)
    },
    proof: async (range, profile) => fill(range, profile, await range.control('roomy', profile), EVICTION_MS / 4),
  },
  {
    name: `${DATAGRAMS} entries of the node’s connection table, by what is forbidden anyway`,
    control: 'no NetworkPolicy',
    attempt: async (range, profile) => remembered(range, await range.subject(profile)),
    proof: async (range, profile) => remembered(range, await range.control('open', profile)),
  },
  felt('a fork bomb', 'bomb() { bomb | bomb & }; bomb'),
  felt('its processors', 'for i in {1..64}; do (while :; do :; done) & done'),
  felt('writing to disk', 'for i in {1..4}; do (while :; do head -c 100M /dev/zero >/tmp/w$i; done) & done'),
  ...KINDS.map(manyObjects),
  {
    name: `${MAX_MEGABYTES} MB of config maps`,
    from: ({ kubernetes }) => kubernetes,
    control: 'the same role in a namespace without our quota',
    attempt: async (range, profile) => big((await range.askers()).learner, (await range.subject(profile)).learner),
    proof: async (range) => big((await range.askers()).peer, range.foreign),
  },
]

async function big(ask: Ask, namespace: string): Promise<Outcome> {
  const { count, refusal } = await makeMany(ask, namespace, bigObjects, MAX_MEGABYTES)
  return { worked: count === MAX_MEGABYTES, seen: `${count} MB made${refusal ? ', then the quota' : ''}` }
}
