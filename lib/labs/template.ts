/** Text with places to fill in, e.g. `{{ object.status.readyReplicas }} of 3`. A place is a path: a root, then its steps. */
export type Template = (string | string[])[]

/** What is wrong with a template, and at which of its characters, from 0. */
export type TemplateProblem = { message: string; offset: number }

/** Only these roots make braces a place; anything else, such as `{{.Name}}`, stays text. */
const PLACE = /\{\{\s*(?<path>(?:objects?|needs|vars)\b[^{}]*?)\s*(?<end>\}\}|$|[{}])/g
const STEP = /\.(?<name>[A-Za-z_][\w-]*)|\[(?<index>\d{1,4})\]|\['(?<quoted>[^'\\]{1,300})'\]/y

const MAX_VALUE_CHARS = 120

/** Cuts a template into text and paths. */
export function parseTemplate(source: string): { template: Template } | { problem: TemplateProblem } {
  const template: Template = []
  let done = 0
  for (const match of source.matchAll(PLACE)) {
    const { path = '', end } = match.groups ?? {}
    const problem = (message: string) => ({ problem: { message, offset: match.index } })
    if (end !== '}}') return problem('"{{" is not closed by "}}"')
    const steps = stepsOf(path)
    if (!steps) return problem(`"${path}" is no path`)
    template.push(source.slice(done, match.index), steps)
    done = match.index + match[0].length
  }
  return { template: [...template, source.slice(done)] }
}

function stepsOf(path: string): string[] | null {
  const [root = ''] = /^\w+/.exec(path) ?? []
  const steps = [root]
  for (let at = root.length; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at
    const { name, index, quoted } = STEP.exec(path)?.groups ?? {}
    const step = name ?? index ?? quoted
    if (step === undefined) return null
    steps.push(step)
  }
  return steps.length > 1 ? steps : null
}

/** Fills a template. What is not there reads "none", as Kubernetes leaves out what is zero or empty. */
export function fillTemplate(template: Template, values: Record<string, unknown>): string {
  return template.map((part) => (typeof part === 'string' ? part : shown(valueAt(values, part)))).join('')
}

function valueAt(values: unknown, path: string[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value) && step === 'size') return value.length
    return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
      ? (value as Record<string, unknown>)[step]
      : undefined
  }, values)
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length <= MAX_VALUE_CHARS ? text : `${text.slice(0, MAX_VALUE_CHARS - 1)}…`
}

const VARIABLE = /\{\{\s*vars\.(?<name>[A-Za-z_][\w-]*)\s*\}\}/g

/** Names of the variables that a text asks for, in their order. */
export const varsIn = (text: string): string[] => [...text.matchAll(VARIABLE)].map(({ groups }) => groups?.name ?? '')

/** Fills `{{ vars.name }}` in a text or a script; anything else in braces, and a name without a value, stays as it is. */
export const fillVars = (text: string, vars: Record<string, string | number>): string =>
  text.replace(VARIABLE, (written, name: string) => (Object.hasOwn(vars, name) ? String(vars[name]) : written))
