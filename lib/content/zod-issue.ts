import { z } from 'zod'
import type { BrokenRule } from '#lib/labs/broken-rule.ts'
import { closest } from '#lib/labs/closest.ts'

/** A zod issue in words for an author. `key`: the place is the key at the end of `path`, not its value. */
export type DescribedIssue = {
  path: PropertyKey[]
  key: boolean
  /** The place is this many characters into the text at `path`. */
  offset?: number
  message: string
  expected: string | null
  suggestion: string | null
}

/** `value` is what was parsed: an issue does not say by itself whether a key is missing or has the wrong type. */
export function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): DescribedIssue[] {
  const name = nameOf(issue.path)
  const found = issue.path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | null)?.[step],
    value,
  )
  const say = (message: string, expected: string | null, suggestion: string | null = null, key = false) => [
    { path: issue.path, key, message, expected, suggestion },
  ]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, issue.path)
      return issue.keys.map((unknown) => ({
        path: [...issue.path, unknown],
        key: true,
        message: `unknown key "${unknown}"`,
        expected: `one of: ${known.join(', ')}`,
        suggestion: closest(unknown, known),
      }))
    }
    case 'invalid_type':
      if (found === undefined) return say(`"${name}" is missing`, TYPES[issue.expected] ?? issue.expected, null, true)
      return say(`"${name}" is ${kindOf(found)}`, TYPES[issue.expected] ?? issue.expected)
    case 'invalid_value': {
      const known = issue.values.map(String)
      if (found === undefined) return say(`"${name}" is missing`, `one of: ${known.join(', ')}`, null, true)
      return say(`"${name}" is ${quote(found)}`, `one of: ${known.join(', ')}`, closest(String(found), known))
    }
    case 'invalid_union': {
      // The way that was meant is the one that got furthest into the value, or at least has its type.
      const ways = issue.errors.filter(
        (way) => !way.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
      )
      const [way] = ways
      if (way) {
        const inner = way.map((each) => ({ ...each, path: [...issue.path, ...each.path] }) as z.core.$ZodIssue)
        return inner.flatMap((each) => describeIssue(each, schema, value))
      }
      const types = issue.errors.flatMap((each) =>
        each.flatMap((one) => ('expected' in one ? [String(one.expected)] : [])),
      )
      return say(`"${name}" is ${kindOf(found)}`, [...new Set(types.map((type) => TYPES[type] ?? type))].join(', or '))
    }
    case 'invalid_format':
      return say(
        `"${name}" is ${quote(found)}`,
        issue.message.startsWith('Invalid') ? `a ${issue.format}` : issue.message,
      )
    case 'too_small':
      return say(
        `"${name}" is too ${SMALL[issue.origin] ?? 'small'}`,
        `at least ${amount(issue.minimum, issue.origin)}`,
      )
    case 'too_big':
      return say(`"${name}" is too ${BIG[issue.origin] ?? 'large'}`, `at most ${amount(issue.maximum, issue.origin)}`)
    case 'invalid_key':
      return say(`"${name}" cannot be a name here`, issue.issues[0]?.message ?? null, null, true)
    case 'custom': {
      // Our own rules say where and what (`BrokenRule`); a refinement's message is what was expected.
      const rule = issue.params as Omit<BrokenRule, 'path' | 'message'> | undefined
      if (rule) {
        const told = say(issue.message, rule.expected, rule.suggestion, rule.key)
        return told.map((each) => ({ ...each, offset: rule.offset ?? 0 }))
      }
      return say(`"${name}" is ${quote(found)}`, issue.message)
    }
    default:
      return say(`"${name}": ${issue.message}`, null)
  }
}

/** A missing key beside a misspelt one is one problem, told at the misspelt one. */
export function isCovered(issue: DescribedIssue, all: DescribedIssue[]): boolean {
  const parent = JSON.stringify(issue.path.slice(0, -1))
  return (
    issue.message.endsWith('is missing') &&
    all.some((other) => other.suggestion === issue.path.at(-1) && JSON.stringify(other.path.slice(0, -1)) === parent)
  )
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of settings',
  record: 'a map',
}
const SMALL: Record<string, string> = { string: 'short', array: 'short' }
const BIG: Record<string, string> = { string: 'long', array: 'long' }

function amount(count: number | bigint, origin: string): string {
  if (origin === 'string') return `${count} ${Number(count) === 1 ? 'character' : 'characters'}`
  if (origin === 'array') return `${count} ${Number(count) === 1 ? 'entry' : 'entries'}`
  return String(count)
}

/** `['tasks', 0, 'check']` → `tasks[0].check` */
function nameOf(path: PropertyKey[]): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return name.replace(/^\./, '') || 'the file'
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : quote(value)
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** The keys that a schema knows where a path leads. */
function keysAt(schema: z.ZodType, path: PropertyKey[]): string[] {
  const [step, ...rest] = path
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return keysAt(schema.unwrap() as z.ZodType, path)
  }
  if (schema instanceof z.ZodArray) return keysAt(schema.element as z.ZodType, rest)
  if (schema instanceof z.ZodNullable) return keysAt(schema.unwrap() as z.ZodType, path)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysAt(option as z.ZodType, path))
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType as z.ZodType, rest)
  if (!(schema instanceof z.ZodObject)) return []
  if (step === undefined) return Object.keys(schema.shape)
  const inner: unknown = schema.shape[String(step)]
  return inner instanceof z.ZodType ? keysAt(inner, rest) : []
}
