import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { ATTACKS, type Attack, attackScript, NAIVE_AMONG, NAIVE_BY_EXEC } from '#lib/checks/forgery/attacks.ts'
import { labOf } from '#lib/content/catalogue.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { MACHINE_CONTAINER, namespacesOf } from '#lib/sandbox/names.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

/**
 * Nobody forges a verdict: every task of a real challenge is judged 200 times while the learner, who is root, works on
 * the judge instead of on the task. Each attack comes with a control: a naive check that falls for it.
 */
const EVALUATIONS = 200
const LAB = 'challenges/two-namespaces'
const RUNS: { name: string; attacks: Attack[]; controls: Pick<Attack, 'fools'>[] }[] = [
  ...ATTACKS.map((attack) => ({ name: attack.name, attacks: [attack], controls: [attack] })),
  { name: 'together', attacks: ATTACKS, controls: [{ fools: 'exec' }] },
]
const PER_RUN = Math.ceil(EVALUATIONS / RUNS.length)

const source = new KubeConfigSource(env().KUBECONFIG)
const instance = `forgery-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
let lab: LabDefinition

beforeAll(async () => {
  const found = await labOf(LAB)
  if (!found) throw new Error(`there is no lab ${LAB}`)
  lab = found.definition
})
afterAll(async () => {
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

/** A machine of its own for each run, as an attack leaves little whole. */
async function makeMachine() {
  const sandboxId = randomUUID()
  const namespace = namespacesOf(sandboxId).sys
  await cluster.create(sandboxManifests({ sandboxId, instance, lab: lab.lab, images: imageRefs() }))
  const where = { namespace, pod: 'box' }
  const examiner = await eventually(() => ExaminerStream.open(exec, where))
  const terminal = await eventually(() => openTestTerminal(exec, namespace))
  const judge = (script: string) => examiner.run({ script, env: {}, args: [], timeoutMs: 10_000 })
  return {
    terminal,
    another: () => openTestTerminal(exec, namespace, 'aux'),
    judge,
    judgeAll: () => Promise.all(lab.lab.tasks.map((task) => judge(scriptOf(task)))),
    /** Runs a command in the learner's container, beside the agent; resolves with its exit code. */
    exec: async (command: string[], input = Buffer.alloc(0)): Promise<number | null> => {
      const { promise, resolve } = Promise.withResolvers<number | null>()
      const onEnd = ({ exitCode }: { exitCode: number | null }) => resolve(exitCode)
      const stream = await exec.open({ ...where, container: MACHINE_CONTAINER }, command, { onStdout: () => {}, onEnd })
      if (input.length > 0) stream.write(input)
      return promise
    },
    [Symbol.asyncDispose]: async () => {
      examiner.close()
      terminal.close()
      await cluster.deleteNamespace({ name: namespace })
    },
  }
}
type Machine = Awaited<ReturnType<typeof makeMachine>>

function scriptOf(task: LabDefinition['lab']['tasks'][number]): string {
  const script = lab.scripts[task.check.run ?? '']
  if (script === undefined) throw new Error(`${task.id} has no script`)
  return script
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

async function put(machine: Machine, path: string, content: string | Buffer): Promise<void> {
  const bytes = Buffer.from(content)
  const write = ['/bin/sh', '-c', 'head -c "$1" >"$2" && chmod 755 "$2"', 'sh', `${bytes.length}`, path]
  expect(await machine.exec(write, bytes)).toBe(0)
}

async function attack(machine: Machine, attacks: Attack[]): Promise<void> {
  for (const { files } of attacks) {
    for (const [path, content] of Object.entries(files())) await put(machine, path, content)
  }
  await put(machine, '/root/attack-all', attackScript(attacks))
  // The guard's task is not done either: something of theirs lies in the machine's own network.
  machine.terminal.type('ip link add forgotten type bridge; setsid -f /root/attack-all >/dev/null 2>&1')
  const begun = 'in-root --stat /root/attacking >/dev/null && pass begun'
  await expect.poll(async () => (await machine.judge(begun)).verdict, { timeout: 20_000 }).toBe('pass')
}

/** Starts a naive check; what it resolves with tells, once the attack is on, whether it takes the machine for solved. */
async function naiveCheck(machine: Machine, { fools }: Pick<Attack, 'fools'>, waitSeconds: number) {
  if (fools === 'exec') return async () => (await machine.exec(['/bin/sh', '-c', NAIVE_BY_EXEC])) === 0
  await put(machine, '/root/naive-check', NAIVE_AMONG)
  const aux = await machine.another()
  aux.type(`exec /root/naive-check ${waitSeconds}`)
  await expect.poll(aux.output, { timeout: 20_000 }).toContain('exec /root/naive-check')
  return async () => {
    await expect.poll(aux.output, { timeout: 60_000 }).toMatch(/FOOLED|HELD/)
    aux.close()
    return aux.output().includes('FOOLED')
  }
}

it('passes honest work, and naive checks hold where nobody attacks', async () => {
  await using machine = await makeMachine()
  for (const fools of ['exec', 'among'] as const) {
    const isFooled = await naiveCheck(machine, { fools }, 1)
    expect(await isFooled()).toBe(false)
  }
  const solution = [
    'ip netns add red; ip netns add blue; ip link add red-end netns red type veth peer name blue-end netns blue',
    'ip -n red address add 192.168.77.1/24 dev red-end; ip -n blue address add 192.168.77.2/24 dev blue-end',
    'ip -n red link set dev red-end up; ip -n blue link set dev blue-end up',
  ]
  for (const line of solution) machine.terminal.type(line)
  await expect
    .poll(async () => (await machine.judgeAll()).map(({ verdict }) => verdict), { timeout: 20_000 })
    .toEqual(lab.lab.tasks.map(() => 'pass'))
})

it.each(RUNS)(`no false pass in ${PER_RUN} evaluations of every task: $name`, { timeout: 180_000 }, async (run) => {
  await using machine = await makeMachine()
  const controls = await Promise.all(run.controls.map((control) => naiveCheck(machine, control, 20)))
  await attack(machine, run.attacks)
  const counts = { pass: 0, 'not-yet': 0, broken: 0 }
  const passes: string[] = []
  for (let evaluation = 0; evaluation < PER_RUN; evaluation++) {
    for (const { verdict, evidence } of await machine.judgeAll()) {
      counts[verdict]++
      if (verdict === 'pass') passes.push(evidence)
    }
  }
  process.stderr.write(`forgery ${run.name}: ${JSON.stringify(counts)}\n`)
  expect(passes).toEqual([])
  expect(counts['not-yet']).toBeGreaterThan(0)
  for (const isFooled of controls) expect(await isFooled()).toBe(true)
})
