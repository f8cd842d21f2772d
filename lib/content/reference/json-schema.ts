import { z } from 'zod'
import { challengeFrontMatter, courseFile, lessonFrontMatter } from '#lib/content/front-matter.ts'
import { labShape } from '#lib/labs/schema.ts'

/** What of JSON Schema (2020-12) is read here. */
export type JsonSchema = {
  title?: string
  description?: string
  type?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema | boolean
  anyOf?: JsonSchema[]
}

const WRITTEN = {
  lab: { schema: labShape, title: 'lab.yaml' },
  lesson: { schema: lessonFrontMatter, title: 'The front matter of lesson.md' },
  challenge: { schema: challengeFrontMatter, title: 'The front matter of challenge.md' },
  course: { schema: courseFile, title: 'course.yaml' },
}
export type SchemaName = keyof typeof WRITTEN
export const SCHEMA_NAMES = Object.keys(WRITTEN) as SchemaName[]

/** What an author may write, for editors. Rules between keys (names that lead somewhere) are not in it: `validate` has them. */
export const jsonSchema = (name: SchemaName): JsonSchema => {
  const { schema, title } = WRITTEN[name]
  return { ...(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema), title }
}

export type Key = { path: string; schema: JsonSchema; required: boolean }

/** Every key below a schema, e.g. `tasks[].check.http.port` and `vars.<name>.int`. */
export function* keysOf(schema: JsonSchema, path = ''): Generator<Key> {
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const key = path === '' ? name : `${path}.${name}`
    yield { path: key, schema: inner, required: schema.required?.includes(name) ?? false }
    yield* keysOf(inner, key)
  }
  if (typeof schema.items === 'object') yield* keysOf(schema.items, `${path}[]`)
  if (typeof schema.additionalProperties === 'object') yield* keysOf(schema.additionalProperties, `${path}.<name>`)
  for (const way of schema.anyOf ?? []) yield* keysOf(way, path)
}
