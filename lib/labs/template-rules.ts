import { type BrokenRule, broken, type LabPath, stray } from '#lib/labs/broken-rule.ts'
import { resourceOf } from '#lib/labs/check-rules.ts'
import type { Lab, Task } from '#lib/labs/schema.ts'
import { parseTemplate } from '#lib/labs/template.ts'

/** Places in braces: well written, where they may be, and of something that is there. */
export function* brokenTemplates(lab: Lab): Generator<BrokenRule> {
  const vars = Object.keys(lab.vars ?? {})
  for (const { path, source } of varsTexts(lab)) {
    for (const place of yield* placesOf(source, path, '"{{ vars.name }}"')) {
      if (place[0] !== 'vars')
        yield broken(path, `"${place.join('.')}": only variables can stand here`, '"{{ vars.name }}"')
      else yield* brokenVariable(place, vars, path)
    }
  }
  for (const [index, task] of lab.tasks.entries()) {
    if (task.evidence !== undefined && task.check.kubernetes) {
      yield* evidenceRules(task, vars, task.evidence, ['tasks', index, 'evidence'])
    }
  }
  for (const { path, source } of literals(lab)) {
    if (/\{\{\s*vars\b/.test(source)) yield broken(path, 'a title is the same for everybody', 'no "{{ vars.… }}" in it')
  }
}

function* evidenceRules(task: Task, vars: string[], evidence: string, path: LabPath): Generator<BrokenRule> {
  const { kubernetes } = task.check
  const subject = kubernetes?.list === undefined ? 'object' : 'objects'
  const secret = kubernetes !== undefined && resourceOf(kubernetes) === 'secrets'
  for (const place of yield* placesOf(evidence, path, 'a path, e.g. "{{ object.status.readyReplicas }}"')) {
    const [root = '', name = ''] = place
    const told = (message: string, expected: string) => broken(path, `"${place.join('.')}": ${message}`, expected)
    if (root === 'vars') yield* brokenVariable(place, vars, path)
    else if (root === 'needs') {
      if (!task.needs.includes(name)) yield told(`"${name}" is not among the needs of this task`, 'one of its needs')
    } else if (root !== subject) yield told(`this check has no "${root}"`, `"${subject}"`)
    else if (secret && place.some((step) => step === 'data' || step === 'stringData')) {
      yield told('what a Secret holds is not shown', 'its metadata or type')
    }
  }
}

function* placesOf(source: string, path: LabPath, expected: string): Generator<BrokenRule, string[][]> {
  const parsed = parseTemplate(source)
  if ('template' in parsed) return parsed.template.filter((place) => typeof place !== 'string')
  const { message, offset } = parsed.problem
  yield { ...broken(path, message, expected), offset }
  return []
}

function* brokenVariable(place: string[], vars: string[], path: LabPath): Generator<BrokenRule> {
  const [, name = '', ...more] = place
  if (!vars.includes(name)) yield stray('variable', name, vars, path)
  else if (more.length > 0) yield broken(path, `"${place.join('.')}": a variable has no parts`, `"{{ vars.${name} }}"`)
}

type Text = { path: LabPath; source: string }

/** Every text of a lab in which `{{ vars.… }}` may stand. */
function* varsTexts(lab: Lab): Generator<Text> {
  for (const [index, { prompt, check }] of lab.tasks.entries()) {
    const at = (...path: LabPath) => ['tasks', index, ...path]
    if (prompt !== undefined) yield { path: at('prompt'), source: prompt }
    yield* textsOf(check.answer, at('check', 'answer'))
    yield* textsOf(check.http, at('check', 'http'))
    yield* textsOf({ port: check.tcp?.port }, at('check', 'tcp'))
  }
  for (const [index, { url }] of (lab.load ?? []).entries()) yield { path: ['load', index, 'url'], source: url }
  for (const [index, { port }] of (lab.ports ?? []).entries()) yield* textsOf({ port }, ['ports', index])
  yield* textsOf(lab.hints, ['hints'])
}

/** Texts anywhere in a value; what cannot hold a place by its schema is harmless here. */
function* textsOf(value: unknown, path: LabPath): Generator<Text> {
  if (typeof value === 'string') yield { path, source: value }
  else if (Array.isArray(value)) for (const [index, inner] of value.entries()) yield* textsOf(inner, [...path, index])
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* textsOf(inner, [...path, key])
  }
}

function* literals(lab: Lab): Generator<Text> {
  for (const [index, { title }] of lab.tasks.entries()) yield { path: ['tasks', index, 'title'], source: title }
  for (const [index, { title }] of (lab.init ?? []).entries()) yield { path: ['init', index, 'title'], source: title }
  for (const [index, { title }] of (lab.ports ?? []).entries()) yield { path: ['ports', index, 'title'], source: title }
  for (const [scene, faults] of Object.entries(lab.scenes ?? {})) {
    for (const [index, { layer }] of faults.entries()) {
      yield { path: ['scenes', scene, index, 'layer'], source: layer }
    }
  }
}
