import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedFiles } from '#lib/content/reference/generated-files.ts'
import { jsonSchema, keysOf, SCHEMA_NAMES } from '#lib/content/reference/json-schema.ts'

test('what is generated is fresh (npm run lab -- schema)', async () => {
  for (const [file, text] of Object.entries(await generatedFiles())) {
    expect(readFileSync(file, 'utf8'), `${file}: run npm run lab -- schema`).toBe(text)
  }
})

test('every key says what it is for', () => {
  const silent = SCHEMA_NAMES.flatMap((name) =>
    [...keysOf(jsonSchema(name))].filter(({ schema }) => !schema.description).map(({ path }) => `${name}: ${path}`),
  )
  expect(silent).toEqual([])
})
