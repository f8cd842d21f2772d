import { compileCel } from '#lib/labs/cel.ts'
import type { BrokenRule } from '#lib/labs/rules.ts'
import type { KubernetesCheck, Lab, Task } from '#lib/labs/schema.ts'
import { parseTemplate } from '#lib/labs/template.ts'

/** The resource a check is about, e.g. `deployments.apps`. */
export const resourceOf = ({ get, list }: KubernetesCheck): string => list ?? get?.slice(0, get.indexOf('/')) ?? ''

const isSecret = (check: KubernetesCheck): boolean => resourceOf(check) === 'secrets'

/** What a task's check may say, and what goes with what. */
export function* brokenChecks(lab: Lab): Generator<BrokenRule> {
  for (const [index, task] of lab.tasks.entries()) {
    const at = (...path: (string | number)[]) => ['tasks', index, ...path]
    yield* exactlyOne(task.check, ['run', 'kubernetes'], at('check'))
    if (task.mode) yield* exactlyOne(task.mode, ['stableFor', 'once'], at('mode'))
    if (task.mode?.once && task.kind === 'guard') {
      yield rule(at('mode', 'once'), 'a guard holds from the start to the end, so "once" says nothing', 'no mode')
    }
    if (task.check.kubernetes) yield* kubernetesRules(lab, task, task.check.kubernetes, at)
    else if (task.evidence !== undefined) {
      yield rule(at('evidence'), 'the evidence of a script is said by the script', 'pass "…" and not_yet "…" in it')
    }
  }
}

function* kubernetesRules(
  lab: Lab,
  task: Task,
  check: KubernetesCheck,
  at: (...path: string[]) => BrokenRule['path'],
): Generator<BrokenRule> {
  yield* exactlyOne(check, ['get', 'list'], at('check', 'kubernetes'))
  if (!lab.kubernetes) yield rule(at('check', 'kubernetes'), 'this lab has no Kubernetes', 'kubernetes: {} in the lab')
  if (task.on !== undefined) yield rule(at('on'), 'a Kubernetes check looks at no machine', 'no "on"')
  if (check.selector !== undefined && check.get !== undefined) {
    yield rule(at('check', 'kubernetes', 'selector'), 'a selector chooses among many, and "get" names one', '"list"')
  }
  const compiled = compileCel(check.cel, check.list === undefined ? 'object' : 'objects')
  if ('problem' in compiled) {
    const { message, offset } = compiled.problem
    const where = at('check', 'kubernetes', 'cel')
    yield { ...rule(where, `this CEL does not compile: ${message}`, 'CEL that gives true or false'), offset }
  }
  if (task.evidence !== undefined) yield* evidenceRules(task, task.evidence, check, at('evidence'))
}

function* evidenceRules(
  task: Task,
  evidence: string,
  check: KubernetesCheck,
  path: BrokenRule['path'],
): Generator<BrokenRule> {
  const parsed = parseTemplate(evidence)
  if ('problem' in parsed) {
    const { message, offset } = parsed.problem
    yield { ...rule(path, message, 'a path, e.g. "{{ object.status.readyReplicas }}"'), offset }
    return
  }
  const subject = check.list === undefined ? 'object' : 'objects'
  for (const place of parsed.template) {
    if (typeof place === 'string') continue
    const [root = '', name = ''] = place
    const told = (message: string, expected: string) => rule(path, `"${place.join('.')}": ${message}`, expected)
    if (root === 'vars') yield told('this lab has no variables', 'no "vars"')
    else if (root === 'needs') {
      if (!task.needs.includes(name)) yield told(`"${name}" is not among the needs of this task`, 'one of its needs')
    } else if (root !== subject) yield told(`this check has no "${root}"`, `"${subject}"`)
    else if (isSecret(check) && place.some((step) => step === 'data' || step === 'stringData')) {
      yield told('what a Secret holds is not shown', 'its metadata or type')
    }
  }
}

const rule = (path: BrokenRule['path'], message: string, expected: string): BrokenRule => ({
  path,
  message,
  expected,
  suggestion: null,
})

function* exactlyOne(value: Record<string, unknown>, keys: string[], path: BrokenRule['path']): Generator<BrokenRule> {
  const given = keys.filter((key) => value[key] !== undefined)
  if (given.length === 1) return
  const name = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1)
  yield rule(path, `"${name}" has ${given.length === 0 ? 'neither' : 'both'}`, `one of: ${keys.join(', ')}`)
}
