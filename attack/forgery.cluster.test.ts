import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, beginForgery, naiveCheck, openBench } from '#attack/forgery.ts'
import { FORGERIES, type Forgery } from '#attack/forgery-attacks.ts'
import { openRange, type Range } from '#attack/range.ts'
import { labOf } from '#lib/content/catalogue.ts'
import { env } from '#lib/env.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'

/**
 * Nobody forges a verdict: every task of a real challenge is judged 200 times while the learner, who is root, works on
 * the judge instead of on the task. Each attack comes with a control: a naive check that falls for it.
 */
const EVALUATIONS = 200
const LAB = 'challenges/two-namespaces'
const RUNS: { name: string; forgeries: Forgery[]; controls: Forgery['fools'][] }[] = [
  ...FORGERIES.map((one) => ({ name: one.name, forgeries: [one], controls: [one.fools] })),
  { name: 'together', forgeries: FORGERIES, controls: ['exec'] },
]
const PER_RUN = Math.ceil(EVALUATIONS / RUNS.length)

let range: Range & AsyncDisposable
let lab: LabDefinition

beforeAll(async () => {
  const found = await labOf(LAB)
  if (!found) throw new Error(`there is no lab ${LAB}`)
  lab = found.definition
  range = await openRange({ kubeconfig: env().KUBECONFIG, images: imageRefs() })
})
afterAll(() => range[Symbol.asyncDispose]())

const judgeAll = (bench: Bench) => Promise.all(lab.lab.tasks.map((task) => bench.judge(scriptOf(task))))

function scriptOf(task: LabDefinition['lab']['tasks'][number]): string {
  const script = lab.scripts[task.check.run ?? '']
  if (script === undefined) throw new Error(`${task.id} has no script`)
  return script
}

it('passes honest work, and naive checks hold where nobody attacks', async () => {
  await using bench = await openBench(range, 'root', lab.lab)
  for (const fools of ['exec', 'among'] as const) {
    const isFooled = await naiveCheck(bench, fools, 1)
    expect(await isFooled()).toBe(false)
  }
  const solution = [
    'ip netns add red; ip netns add blue; ip link add red-end netns red type veth peer name blue-end netns blue',
    'ip -n red address add 192.168.77.1/24 dev red-end; ip -n blue address add 192.168.77.2/24 dev blue-end',
    'ip -n red link set dev red-end up; ip -n blue link set dev blue-end up',
  ]
  for (const line of solution) bench.terminal.type(line)
  await expect
    .poll(async () => (await judgeAll(bench)).map(({ verdict }) => verdict), { timeout: 20_000 })
    .toEqual(lab.lab.tasks.map(() => 'pass'))
})

it.each(RUNS)(`no false pass in ${PER_RUN} evaluations of every task: $name`, { timeout: 180_000 }, async (run) => {
  await using bench = await openBench(range, 'root', lab.lab)
  const controls = await Promise.all(run.controls.map((fools) => naiveCheck(bench, fools, 20)))
  // The guard's task is not done either: something of theirs lies in the machine's own network.
  await beginForgery(bench, run.forgeries, 'ip link add forgotten type bridge')
  const counts = { pass: 0, 'not-yet': 0, broken: 0 }
  const passes: string[] = []
  for (let evaluation = 0; evaluation < PER_RUN; evaluation++) {
    for (const { verdict, evidence } of await judgeAll(bench)) {
      counts[verdict]++
      if (verdict === 'pass') passes.push(evidence)
    }
  }
  process.stderr.write(`forgery ${run.name}: ${JSON.stringify(counts)}\n`)
  expect(passes).toEqual([])
  expect(counts['not-yet']).toBeGreaterThan(0)
  for (const isFooled of controls) expect(await isFooled()).toBe(true)
})
