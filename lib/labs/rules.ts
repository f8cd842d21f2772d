import { brokenChecks } from '#lib/labs/check-rules.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** A rule that a lab breaks, at a path into `lab.yaml`. */
export type BrokenRule = {
  path: (string | number)[]
  /** The place is the key at the end of `path`, not its value. */
  key?: true
  /** The place is this many characters into the value, which is text. */
  offset?: number
  message: string
  expected: string | null
  suggestion: string | null
}

/** What no shape can say: names are unique and lead somewhere, and needs end. */
export function brokenRules(lab: Lab): BrokenRule[] {
  if (lab.machines.length === 0) return [missing(['machines'], 'machines', 'a list, or kubernetes: {}')]
  return [...duplicates(lab), ...strayNames(lab), ...circles(lab), ...brokenChecks(lab)]
}

const missing = (path: BrokenRule['path'], name: string, expected: string): BrokenRule => ({
  path,
  key: true,
  message: `"${name}" is missing`,
  expected,
  suggestion: null,
})

function* duplicates(lab: Lab): Generator<BrokenRule> {
  const lists = [
    { names: lab.machines.map((machine) => machine.name), path: (index: number) => ['machines', index, 'name'] },
    { names: lab.tasks.map((task) => task.id), path: (index: number) => ['tasks', index, 'id'] },
    ...lab.machines.map((machine, at) => ({
      names: machine.terminals,
      path: (index: number) => ['machines', at, 'terminals', index],
    })),
  ]
  for (const { names, path } of lists) {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue
      yield { path: path(index), message: `"${name}" is named twice`, expected: 'a name of its own', suggestion: null }
    }
  }
}

function* strayNames(lab: Lab): Generator<BrokenRule> {
  const machines = lab.machines.map((machine) => machine.name)
  const tasks = lab.tasks.map((task) => task.id)
  const stray = (what: string, name: string, known: string[], path: (string | number)[]): BrokenRule => ({
    path,
    message: `there is no ${what} "${name}"`,
    expected: `one of: ${known.join(', ')}`,
    suggestion: closest(name, known),
  })
  for (const [index, task] of lab.tasks.entries()) {
    if (task.on !== undefined && !machines.includes(task.on)) {
      yield stray('machine', task.on, machines, ['tasks', index, 'on'])
    }
    if (task.check.run !== undefined && task.on === undefined && machines.length > 1) {
      yield {
        path: ['tasks', index],
        message: `task "${task.id}" does not say on which machine it is looked at`,
        expected: `on: one of ${machines.join(', ')}`,
        suggestion: null,
      }
    }
    for (const [at, need] of task.needs.entries()) {
      if (!tasks.includes(need)) yield stray('task', need, tasks, ['tasks', index, 'needs', at])
    }
  }
  for (const name of Object.keys(lab.hints)) {
    if (!tasks.includes(name)) yield { ...stray('task', name, tasks, ['hints', name]), key: true }
  }
}

/** Each circle once, at the task where it is first entered. */
function* circles(lab: Lab): Generator<BrokenRule> {
  const needsOf = new Map(lab.tasks.map((task) => [task.id, task.needs]))
  const settled = new Set<string>()
  function circleFrom(id: string, trail: string[]): string[] | null {
    if (trail.includes(id)) return [...trail.slice(trail.indexOf(id)), id]
    if (settled.has(id)) return null
    for (const need of needsOf.get(id) ?? []) {
      const circle = circleFrom(need, [...trail, id])
      if (circle) return circle
    }
    settled.add(id)
    return null
  }
  for (const [index, task] of lab.tasks.entries()) {
    const circle = circleFrom(task.id, [])
    if (!circle) continue
    for (const id of circle) settled.add(id)
    yield {
      path: ['tasks', index, 'needs'],
      message: `these tasks wait for each other: ${circle.join(' → ')}`,
      expected: 'needs that end',
      suggestion: null,
    }
  }
}
