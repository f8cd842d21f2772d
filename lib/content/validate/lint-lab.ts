import { type ContentProblem, type Place, problemAt } from '#lib/content/problem.ts'
import { literalsIn } from '#lib/content/validate/literals.ts'
import { luckOf } from '#lib/content/validate/luck.ts'
import { closest } from '#lib/labs/closest.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import { scriptEnvironment } from '#lib/labs/script-environment.ts'
import { drawVars } from '#lib/labs/vars.ts'

/** A lab with all that is written around it. */
export type LabSources = {
  /** Below the content folder. */
  folder: string
  definition: LabDefinition
  placeOf: (path: PropertyKey[]) => Place
  /** The lesson or challenge as it was written. */
  text: string
  /** All that the solution types. */
  solution: string
}

/** What no schema can say, and no sandbox is needed for. */
export function* lintLab(sources: LabSources): Generator<ContentProblem> {
  yield* lintLuck(sources)
  yield* lintEvidence(sources)
  yield* lintEnvironment(sources)
}

/** No task but a guard passes in an untouched sandbox, and a guard does. */
function* lintLuck({ definition, placeOf }: LabSources): Generator<ContentProblem> {
  for (const [index, task] of definition.lab.tasks.entries()) {
    const luck = luckOf(task, definition)
    const place = placeOf(['tasks', index, 'check'])
    if (luck.passes === 'yes' && task.kind !== 'guard') {
      const expected = 'a check of what has to be done, or needs: with a task that has to be done first'
      yield problemAt(place, `an untouched sandbox passes "${task.id}": ${luck.why}`, { expected })
    }
    if (luck.passes === 'no' && task.kind === 'guard') {
      const expected = 'a check that holds from the start'
      yield problemAt(place, `the guard "${task.id}" does not hold at the start: ${luck.why}`, { expected })
    }
  }
}

const NOT_YET = /\bnot_yet\s+(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/g

/** What a learner is told while a task is not yet done does not give away what the solution types. */
function* lintEvidence({ folder, definition, placeOf, text, solution }: LabSources): Generator<ContentProblem> {
  const { lab, scripts } = definition
  const told = [text, ...lab.tasks.flatMap(({ title, prompt }) => [title, prompt ?? ''])].join('\n')
  const known = new Set(literalsIn(told))
  const secret = new Set([...literalsIn(solution)].filter((literal) => !known.has(literal)))
  const given = (evidence: string) => literalsIn(evidence).find((literal) => secret.has(literal))
  const problem = (place: Place, literal: string) =>
    problemAt(place, `the evidence gives "${literal}" away, which the solution types`, {
      expected: 'what was seen, in words that the text has',
    })
  for (const [index, { evidence }] of lab.tasks.entries()) {
    const literal = evidence === undefined ? undefined : given(evidence.replace(/\{\{.*?\}\}/g, ' '))
    if (literal !== undefined) yield problem(placeOf(['tasks', index, 'evidence']), literal)
  }
  for (const name of new Set(lab.tasks.flatMap(({ check }) => check.run ?? []))) {
    const script = scripts[name] ?? ''
    for (const match of script.matchAll(NOT_YET)) {
      const literal = given((match[1] ?? match[2] ?? '').replace(/\$(?:\{[^}]*\}|\([^)]*\)|\w+)/g, ' '))
      if (literal !== undefined) yield problem(placeIn(`${folder}/${name}`, script, match.index), literal)
    }
  }
}

/** `VAR_…` and `NEED_…` in scripts are of variables and needs that there are. */
function* lintEnvironment({ folder, definition }: LabSources): Generator<ContentProblem> {
  const { lab, scripts } = definition
  const vars = Object.keys(scriptEnvironment({ vars: drawVars(lab.vars, '') }))
  for (const [name, script] of Object.entries(scripts)) {
    const needs = lab.tasks.filter(({ check }) => check.run === name).flatMap((task) => task.needs)
    const prefixes = Object.keys(scriptEnvironment({ needs: Object.fromEntries(needs.map((id) => [id, { '': '' }])) }))
    for (const match of script.matchAll(/\b(?:VAR|NEED)_[A-Z0-9_]+/g)) {
      const [written] = match
      const place = placeIn(`${folder}/${name}`, script, match.index)
      if (written.startsWith('VAR_') && !vars.includes(written)) {
        const expected = vars.length > 0 ? `one of: ${vars.join(', ')}` : 'a name under vars in lab.yaml'
        yield problemAt(place, `no variable gives ${written}`, { expected, suggestion: closest(written, vars) })
      }
      if (written.startsWith('NEED_') && !prefixes.some((prefix) => written.startsWith(prefix))) {
        const expected = needs.length > 0 ? prefixes.map((prefix) => `${prefix}…`).join(', ') : 'needs: in the task'
        yield problemAt(place, `no need of the task gives ${written}`, { expected })
      }
    }
  }
}

function placeIn(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
