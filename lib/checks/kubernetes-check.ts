import type { VerdictWord } from '#lib/checks/evaluate.ts'
import type { KubernetesObject, ObjectQuery, Observation } from '#lib/checks/objects-port.ts'
import { type CelProgram, compileCel, runCel } from '#lib/labs/cel.ts'
import { resourceOf } from '#lib/labs/check-rules.ts'
import type { KubernetesCheck } from '#lib/labs/schema.ts'
import { fillTemplate, parseTemplate, type Template } from '#lib/labs/template.ts'
import type { VarValues } from '#lib/labs/vars.ts'

/** What scripts of other tasks said by `value`, by task. */
export type NeedValues = Record<string, Record<string, string>>

export type Judgement = { verdict: VerdictWord; evidence: string; detail: string }

/** A check made ready once; it is then judged at every change. */
export type CompiledCheck = {
  query: Omit<ObjectQuery, 'namespace'>
  /** null: nothing can be said as nothing is known. */
  judge: (observation: Observation, needs: NeedValues) => Judgement | null
}

const broken = (detail: string): Judgement => ({
  verdict: 'broken',
  evidence: 'our check failed: the cluster could not be asked about this',
  detail,
})

/** A lab that loaded compiles; one that does not any more (stored by an older version) is broken, never passed. */
export function compileCheck(
  check: KubernetesCheck,
  evidence: string | undefined,
  vars: VarValues = {},
): CompiledCheck {
  const { get, list, selector, cel } = check
  const resource = resourceOf(check)
  const name = get?.slice(resource.length + 1)
  const compiled = compileCel(cel, list === undefined ? 'object' : 'objects')
  const template = templateOf(evidence)
  const query = { resource, ...(name === undefined ? {} : { name }), ...(selector === undefined ? {} : { selector }) }
  return {
    query,
    judge(observation, needs) {
      if (observation.kind === 'unknown') return null
      if (observation.kind === 'refused') return broken(observation.message)
      if ('problem' in compiled) return broken(compiled.problem.message)
      const { objects } = observation
      const [object] = objects
      if (list !== undefined) return judged(compiled.program, { objects }, { needs, vars }, template, resource)
      if (!object) return { verdict: 'not-yet', evidence: `There is no ${get}.`, detail: '' }
      return judged(compiled.program, { object }, { needs, vars }, template, resource)
    },
  }
}

function judged(
  program: CelProgram,
  subject: { object: KubernetesObject } | { objects: KubernetesObject[] },
  given: { needs: NeedValues; vars: VarValues },
  template: Template,
  resource: string,
): Judgement {
  let result: unknown
  try {
    result = runCel(program, { ...subject, ...given })
  } catch (error) {
    return broken(error instanceof Error ? error.message : String(error))
  }
  if (typeof result !== 'boolean') return broken(`the expression gave ${typeof result}, not true or false`)
  const shown = 'object' in subject ? [subject.object] : subject.objects
  const visible = resource === 'secrets' ? shown.map(withoutData) : shown
  const values = 'object' in subject ? { object: visible[0], ...given } : { objects: visible, ...given }
  const evidence = fillTemplate(template, values)
  return { verdict: result ? 'pass' : 'not-yet', evidence, detail: '' }
}

/** Annotations go, too: `kubectl apply` keeps what it was given in one. */
function withoutData({ kind, type, metadata: { name, namespace, labels } }: KubernetesObject) {
  return { kind, type, metadata: { name, namespace, labels } }
}

function templateOf(evidence: string | undefined): Template {
  const parsed = parseTemplate(evidence ?? '')
  return 'template' in parsed ? parsed.template : []
}
