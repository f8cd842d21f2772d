import { closest } from '#lib/labs/closest.ts'

export type LabPath = (string | number)[]

/** A rule that a lab breaks, at a path into `lab.yaml`. */
export type BrokenRule = {
  path: LabPath
  /** The place is the key at the end of `path`, not its value. */
  key?: true
  /** The place is this many characters into the value, which is text. */
  offset?: number
  message: string
  expected: string | null
  suggestion: string | null
}

export const broken = (path: LabPath, message: string, expected: string): BrokenRule => ({
  path,
  message,
  expected,
  suggestion: null,
})

/** A name that leads nowhere. */
export const stray = (what: string, name: string, known: string[], path: LabPath): BrokenRule => ({
  path,
  message: `there is no ${what} "${name}"`,
  expected: known.length > 0 ? `one of: ${known.join(', ')}` : `a ${what} of the lab`,
  suggestion: closest(name, known),
})

/** Names that are given more than once; `path` leads to the one at an index. */
export function* duplicates(names: string[], path: (index: number) => LabPath): Generator<BrokenRule> {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) yield broken(path(index), `"${name}" is named twice`, 'a name of its own')
  }
}

export function* exactlyOne(value: Record<string, unknown>, keys: string[], path: LabPath): Generator<BrokenRule> {
  const given = keys.filter((key) => value[key] !== undefined)
  if (given.length === 1) return
  const has = given.length === 0 ? (keys.length === 2 ? 'neither' : 'none') : given.length === 2 ? 'both' : 'several'
  yield broken(path, `"${nameOf(path)}" has ${has}`, `one of: ${keys.join(', ')}`)
}

/** `['tasks', 0, 'check']` → `tasks[0].check` */
const nameOf = (path: LabPath): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1)

type Waiting = { id: string; needs: string[] }

/** Needs that lead nowhere, and each circle once, at the one where it is first entered. `what`: "task". */
export function* brokenNeeds(list: Waiting[], what: string, path: LabPath): Generator<BrokenRule> {
  const known = list.map(({ id }) => id)
  for (const [index, { needs }] of list.entries()) {
    for (const [at, need] of needs.entries()) {
      if (!known.includes(need)) yield stray(what, need, known, [...path, index, 'needs', at])
    }
  }
  const needsOf = new Map(list.map(({ id, needs }) => [id, needs]))
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
  for (const [index, { id }] of list.entries()) {
    const circle = circleFrom(id, [])
    if (!circle) continue
    for (const each of circle) settled.add(each)
    const message = `these ${what}s wait for each other: ${circle.join(' → ')}`
    yield broken([...path, index, 'needs'], message, 'needs that end')
  }
}
