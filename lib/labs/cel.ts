import { createContext, Script } from 'node:vm'
import { type ASTNode, Environment } from '@marcbachmann/cel-js'

/** Far more than a check needs. */
const LIMITS = { maxAstNodes: 400, maxDepth: 40, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 10 }

const environment = new Environment({ enableOptionalTypes: true, limits: LIMITS })
  .registerVariable('needs', 'map')
  .registerVariable('vars', 'map')

/** One object of the API server, or the objects of a list, in the learner's namespace. */
const ENVIRONMENTS = {
  object: environment.clone().registerVariable('object', 'dyn'),
  objects: environment.clone().registerVariable('objects', 'list'),
}

export type CelSubject = keyof typeof ENVIRONMENTS

/** What is wrong with an expression, and at which of its characters, from 0. */
export type CelProblem = { message: string; offset: number }

export type CelProgram = (variables: Record<string, unknown>) => unknown

/** A name asked of `vars` or `needs`, and at which character. */
export type CelName = { root: 'vars' | 'needs'; name: string; offset: number }

/** Parses and type-checks an expression that must say yes or no; what depends on the object shows when it runs. */
export function compileCel(
  source: string,
  subject: CelSubject,
): { program: CelProgram; names: CelName[] } | { problem: CelProblem } {
  try {
    const program = ENVIRONMENTS[subject].parse(source)
    const checked = program.check()
    if (!checked.valid) return { problem: problemOf(checked.error) }
    if (checked.type !== 'bool' && checked.type !== 'dyn') {
      return { problem: { message: `it gives ${checked.type}, not true or false`, offset: 0 } }
    }
    return { program, names: [...namesIn(program.ast)] }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function* namesIn(node: ASTNode): Generator<CelName> {
  const parts = [node.args].flat(2) as unknown[]
  const [around, name] = parts
  if (isNode(around) && around.op === 'id' && (around.args === 'vars' || around.args === 'needs')) {
    const key = isNode(name) && name.op === 'value' ? name.args : name
    if (typeof key === 'string') yield { root: around.args, name: key, offset: around.range.start }
  }
  for (const part of parts) if (isNode(part)) yield* namesIn(part)
}

const isNode = (part: unknown): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part

function problemOf(error: unknown): CelProblem {
  const { summary, range } = error as { summary?: string; range?: { start: number } }
  return { message: summary ?? String(error), offset: range?.start ?? 0 }
}

/** Pathological expressions over many objects end here; an ordinary one takes well below a millisecond. */
const MAX_RUN_MS = 100
/** On a machine that is too busy to run it at all, so many times. */
const MAX_TRIES = 20
const bounded = createContext({ run: (): void => {} })
const call = new Script('run()')

/**
 * Runs a compiled expression for at most 100 ms of processor time, give or take one try. Whole numbers are CEL's `int`, as in Kubernetes itself.
 * @throws Error when it cannot be evaluated (a key that is not there, a type that does not fit), or takes too long
 */
export function runCel(program: CelProgram, variables: Record<string, unknown>): unknown {
  const values = withInts(variables) as Record<string, unknown>
  let result: unknown
  bounded.run = () => {
    result = program(values)
  }
  const before = process.threadCpuUsage()
  try {
    for (let tries = 1; ; tries++) {
      try {
        call.runInContext(bounded, { timeout: MAX_RUN_MS })
        return result
      } catch (error) {
        // The time-out is the clock's. Whoever was kept waiting all that time has not had their turn.
        if (!isTimeout(error) || usedMs(before) >= MAX_RUN_MS || tries === MAX_TRIES)
          throw new Error(messageOf(error), { cause: error })
      }
    }
  } finally {
    bounded.run = () => {}
  }
}

const isTimeout = (error: unknown) => (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/** Processor time of this thread since then, in milliseconds. */
function usedMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

function messageOf(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string }
  if (isTimeout(error)) return `it takes longer than ${MAX_RUN_MS} ms`
  return summary ?? message ?? String(error)
}

/** JSON has one kind of number; CEL refuses to mix its two. */
function withInts(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(withInts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withInts(inner)]))
}
