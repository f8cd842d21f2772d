import { type BrokenRule, broken, brokenNeeds, duplicates, exactlyOne, stray } from '#lib/labs/broken-rule.ts'
import type { Lab } from '#lib/labs/schema.ts'

const MAX_VARS = 50
const MAX_SCENES = 10

/** What prepares and accompanies a lab: variables, files, init, load, scenes. */
export function* brokenSetup(lab: Lab): Generator<BrokenRule> {
  const machines = lab.machines.map(({ name }) => name)
  const tasks = lab.tasks.map(({ id }) => id)
  yield* atMost(MAX_VARS, lab.vars, 'vars')
  yield* atMost(MAX_SCENES, lab.scenes, 'scenes')
  for (const [name, variable] of Object.entries(lab.vars ?? {})) {
    const path = ['vars', name]
    yield* exactlyOne(variable, ['int', 'pick'], path)
    const [low, high] = variable.int ?? [0, 1]
    if (low >= high) yield broken([...path, 'int'], `${low} is not below ${high}`, 'the lowest and the highest number')
    yield* duplicates((variable.pick ?? []).map(String), (index) => [...path, 'pick', index])
  }

  const files = lab.files ?? []
  for (const [index, { to }] of files.entries()) {
    const machine = to.slice(0, to.indexOf(':'))
    if (!machines.includes(machine)) yield stray('machine', machine, machines, ['files', index, 'to'])
  }
  yield* duplicates(
    files.map(({ to }) => to),
    (index) => ['files', index, 'to'],
  )

  const init = lab.init ?? []
  yield* duplicates(
    init.map(({ id }) => id),
    (index) => ['init', index, 'id'],
  )
  yield* brokenNeeds(init, 'step', ['init'])

  yield* duplicates(
    (lab.load ?? []).map(({ id }) => id),
    (index) => ['load', index, 'id'],
  )

  for (const [scene, faults] of Object.entries(lab.scenes ?? {})) {
    yield* duplicates(
      faults.map(({ id }) => id),
      (index) => ['scenes', scene, index, 'id'],
    )
    for (const [index, { mended }] of faults.entries()) {
      if (!tasks.includes(mended)) yield stray('task', mended, tasks, ['scenes', scene, index, 'mended'])
    }
  }
}

function* atMost(most: number, named: object | undefined, key: string): Generator<BrokenRule> {
  const count = Object.keys(named ?? {}).length
  if (count > most) yield broken([key], `"${key}" has ${count} entries`, `at most ${most} entries`)
}
