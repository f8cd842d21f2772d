import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { KEY_NAMES, keyBytes } from '#lib/proof/keys.ts'
import { placeNamed } from '#lib/proof/place.ts'
import type { Place } from '#lib/proof/proof-port.ts'
import { splitStatements } from '#lib/proof/statements.ts'

/**
 * One step of a script that is typed. `line`: lines that the shell reads as one statement; `survives` says why the lab
 * can be solved without it.
 */
export type Step = { line: number } & (
  | { kind: 'line'; text: string; survives: string | null }
  | { kind: 'keys'; keys: string[] }
  | { kind: 'see'; text: string }
  | { kind: 'wait'; task: string }
  | { kind: 'answer'; task: string; value: string; command: string | null }
  | { kind: 'on'; place: Place }
)

export type Script = { file: string; place: Place; steps: Step[] }
/** What `#@ evidence` says, for a `wrong/` script. */
export type ParsedScript = { script: Script; evidence: string | null; problems: ContentProblem[] }

const VERBS: Record<string, string> = {
  wait: '#@ wait <task>',
  keys: '#@ keys C-c',
  see: '#@ see <words on the screen>',
  answer: '#@ answer <task> <value or $(command)>',
  on: '#@ on <machine> [terminal]',
  evidence: '#@ evidence <what the learner reads>',
  survives: '#@ survives <why the lab is solved without the next line>',
}

/** Parses what is typed: shell statements, and between them directives `#@ verb …`. `file` is only for messages. */
export function parseScript(
  text: string,
  { file, lab, place }: { file: string; lab: Lab; place: Place },
): ParsedScript {
  const problems: ContentProblem[] = []
  const steps: Step[] = []
  let evidence: string | null = null
  let survives: string | null = null
  const refuse = (line: number, message: string, expected: string | null, suggestion: string | null = null) =>
    void problems.push(problemAt({ file, line, column: 1 }, message, { expected, suggestion }))

  const task = (line: number, id: string): string => {
    const known = lab.tasks.map((each) => each.id)
    if (!known.includes(id)) refuse(line, `there is no task "${id}"`, `one of ${known.join(', ')}`, closest(id, known))
    return id
  }

  const directive = (verb: string, rest: string, line: number): void => {
    const [first = '', ...others] = rest.split(/\s+/)
    const form = VERBS[verb]
    if (!form) {
      refuse(line, `"#@ ${verb}" is not known`, Object.values(VERBS).join(', '), closest(verb, Object.keys(VERBS)))
    } else if (rest === '') refuse(line, `"#@ ${verb}" says nothing`, form)
    else if (verb === 'wait') steps.push({ kind: 'wait', line, task: task(line, rest) })
    else if (verb === 'see') steps.push({ kind: 'see', line, text: rest })
    else if (verb === 'evidence') evidence = rest
    else if (verb === 'survives') survives = rest
    else if (verb === 'keys') {
      const keys = rest.split(/\s+/)
      for (const key of keys)
        if (keyBytes(key) === null) refuse(line, `no key is called "${key}"`, KEY_NAMES.join(', '))
      steps.push({ kind: 'keys', line, keys })
    } else if (verb === 'on') {
      const named = placeNamed(first, others[0], lab)
      if (named) steps.push({ kind: 'on', line, place: named })
      else refuse(line, `there is no terminal "${rest}"`, lab.machines.map(({ name }) => name).join(', '))
    } else {
      const value = rest.slice(first.length).trim()
      const command = /^\$\((.+)\)$/.exec(value)?.[1] ?? null
      if (value === '') refuse(line, `"#@ answer ${first}" gives no answer`, form)
      steps.push({ kind: 'answer', line, task: task(line, first), value, command })
    }
  }

  const own = (content: string, line: number): boolean => {
    const [, verb, rest = ''] = /^#@\s*([a-z-]*)\s*(.*?)\s*$/.exec(content) ?? []
    if (verb === undefined) return false
    directive(verb, rest, line)
    return true
  }
  const { unfinished } = splitStatements(text.replaceAll('\r\n', '\n'), own, (statement) => {
    steps.push({ kind: 'line', ...statement, survives })
    survives = null
  })
  if (unfinished !== null) refuse(unfinished, 'what begins here does not end', 'the end of the heredoc, quote or loop')
  if (steps.length === 0 && problems.length === 0) refuse(1, 'nothing is typed', 'at least one line')
  return { script: { file, place, steps }, evidence, problems }
}
