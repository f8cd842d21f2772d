import { Environment } from '@marcbachmann/cel-js'

/** Far more than a check needs. */
const LIMITS = { maxAstNodes: 400, maxDepth: 40, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 10 }

const environment = new Environment({ enableOptionalTypes: true, limits: LIMITS }).registerVariable('needs', 'map')

/** One object of the API server, or the objects of a list, in the learner's namespace. */
const ENVIRONMENTS = {
  object: environment.clone().registerVariable('object', 'dyn'),
  objects: environment.clone().registerVariable('objects', 'list'),
}

export type CelSubject = keyof typeof ENVIRONMENTS

/** What is wrong with an expression, and at which of its characters, from 0. */
export type CelProblem = { message: string; offset: number }

export type CelProgram = (variables: Record<string, unknown>) => unknown

/** Parses and type-checks an expression that must say yes or no; what depends on the object shows when it runs. */
export function compileCel(source: string, subject: CelSubject): { program: CelProgram } | { problem: CelProblem } {
  try {
    const program = ENVIRONMENTS[subject].parse(source)
    const checked = program.check()
    if (!checked.valid) return { problem: problemOf(checked.error) }
    if (checked.type !== 'bool' && checked.type !== 'dyn') {
      return { problem: { message: `it gives ${checked.type}, not true or false`, offset: 0 } }
    }
    return { program }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function problemOf(error: unknown): CelProblem {
  const { summary, range } = error as { summary?: string; range?: { start: number } }
  return { message: summary ?? String(error), offset: range?.start ?? 0 }
}
