import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { type ContentProblem, type Place, problemAt } from '#lib/content/problem.ts'
import { type DescribedIssue, describeIssue, isCovered } from '#lib/content/zod-issue.ts'

/** Names for a value may be repeated (`*alias`) this often before it counts as a bomb. */
const MAX_ALIASES = 50

/** Of broken YAML, the first errors are the author's, the rest follow from them. */
const MAX_SYNTAX_ERRORS = 3

/** Nobody reads more of one file at once. */
const MAX_PROBLEMS = 50

/** `placeOf`: where a path into the value was written. */
export type YamlResult<T> = { value: T; placeOf: (path: PropertyKey[]) => Place } | { problems: ContentProblem[] }

/**
 * Parses YAML and holds it against a schema. Every problem has its line and column; `firstLine` is the line of the file
 * on which `source` begins (front matter does not begin at 1).
 */
export function parseYaml<S extends z.ZodType>(
  source: string,
  schema: S,
  { file, firstLine = 1 }: { file: string; firstLine?: number },
): YamlResult<z.output<S>> {
  const lines = new LineCounter()
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1) + firstLine - 1, column: Math.max(col, 1) }
  }
  const document = parsed(source, lines)
  if (!document) {
    return { problems: [problemAt(at(0), 'the YAML is nested too deeply', { expected: 'a flat list of settings' })] }
  }
  const broken = [
    ...document.errors.map(({ pos: [offset], message }) => ({ offset, message: message.replace(/\s+/g, ' ') })),
    ...keysTwice(document),
  ]
    .slice(0, MAX_SYNTAX_ERRORS)
    .map(({ offset, message }) => problemAt(at(offset), message))
  if (broken.length > 0) return { problems: broken }
  const brace = bareBrace(document, source)
  if (brace) return { problems: [problemAt(at(brace.offset), 'braces begin a map in YAML', brace)] }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    const message = `the YAML repeats itself by more than ${MAX_ALIASES} aliases, or by one that leads nowhere`
    return { problems: [problemAt(at(firstAlias(document)), message, { expected: 'values written out' })] }
  }
  const result = schema.safeParse(value)
  if (result.success) {
    return { value: result.data, placeOf: (path) => at(offsetOf(document, path, false)) }
  }
  const described = result.error.issues.flatMap((issue) => describeIssue(issue, schema, value))
  const problems = described
    .slice(0, MAX_PROBLEMS)
    .filter((issue) => !isCovered(issue, described))
    .map((issue) => problemAt(at(placeInText(document, source, issue)), issue.message, issue))
  const more = described.length - MAX_PROBLEMS
  return { problems: more > 0 ? [...problems, problemAt(at(0), `and ${more} more mistakes`)] : problems }
}

/** The document, with its errors; null when it is nested so deeply that the stack ends (the composer is recursive). */
function parsed(source: string, lineCounter: LineCounter): Document | null {
  try {
    const document = parseDocument(source, { lineCounter, prettyErrors: false, uniqueKeys: false })
    return document.errors.some(({ message }) => message.includes('call stack')) ? null : document
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** The library compares each key of a map with each other, which a map of a hundred thousand makes minutes of. */
function keysTwice(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = []
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) found.push({ offset: key.range?.[0] ?? 0, message: 'Map keys must be unique' })
        seen.add(key.value)
      }
    },
  })
  return found
}

/** Where a path leads in the source: its value, its key for `key`, or the nearest thing around it that exists. */
function offsetOf(document: Document, path: PropertyKey[], key: boolean): number {
  const steps = path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  for (let length = steps.length; length > 0; length--) {
    const around = length === 1 ? document.contents : document.getIn(steps.slice(0, length - 1), true)
    const name = steps[length - 1]
    if (isMap(around) && (key || length < steps.length)) {
      const pair = around.items.find((item) => isScalar(item.key) && String(item.key.value) === String(name))
      if (pair && isNode(pair.key)) return pair.key.range?.[0] ?? 0
    }
    const node = document.getIn(steps.slice(0, length), true)
    if (isNode(node)) return node.range?.[0] ?? 0
  }
  return isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0
}

/** Where a character of a text value was written; escapes in quotes are counted as what they stand for. */
function placeInText(document: Document, source: string, { path, key, offset = 0 }: DescribedIssue): number {
  const start = offsetOf(document, path, key)
  const node = offset > 0 ? document.getIn(path, true) : undefined
  if (!isScalar(node) || typeof node.value !== 'string') return start
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') {
    return start + offset + (node.type === 'PLAIN' ? 0 : 1)
  }
  // A block begins below its `|`, and each of its lines is indented; of a folded one, the first line is near enough.
  const before = node.value.slice(0, offset).split('\n')
  const body = source.indexOf('\n', start) + 1
  const lines = source.slice(body).split('\n').slice(0, before.length)
  const above = lines.slice(0, -1).reduce((sum, line) => sum + line.length + 1, 0)
  return body + above + (lines[0] ?? '').search(/[^ ]|$/) + (before.at(-1)?.length ?? 0)
}

/** `port: {{ vars.port }}` without quotes is a map with a map for a key, never what was meant. */
function bareBrace(
  document: Document,
  source: string,
): { offset: number; expected: string; suggestion: string } | null {
  let range: Node['range']
  visit(document, {
    Map(_key, node) {
      if (!node.flow || !node.items.some((item) => isMap(item.key))) return undefined
      range = node.range
      return visit.BREAK
    },
  })
  if (!range) return null
  const [start, end] = range
  return { offset: start, expected: 'braces inside quotes', suggestion: JSON.stringify(source.slice(start, end)) }
}

function firstAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias(_key, node) {
      offset = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}
