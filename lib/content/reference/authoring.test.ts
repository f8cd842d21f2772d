import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { labSchema } from '#lib/labs/schema.ts'

const fences = [...readFileSync('docs/authoring.md', 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)].map(
  ([, yaml = '']) => yaml,
)

test("the guide's pieces of lab.yaml are one lab", () => {
  expect(fences.length).toBeGreaterThan(3)
  const pieces = fences.map((fence) => parse(fence) as { tasks?: unknown[] })
  // Names and Services are asked for by a machine with kubectl.
  const machines = [{ name: 'box', profile: 'kubernetes' }]
  const lab = { ...Object.assign({}, ...pieces), machines, tasks: pieces.flatMap(({ tasks = [] }) => tasks) }
  expect(labSchema.safeParse(lab).error?.issues ?? []).toEqual([])
})
