import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { labSchema } from '#lib/labs/schema.ts'

const { lessons, challenges, problems } = await loadCatalogue('content')

test('the content of this repository has no problem', () => {
  expect(problems.map(formatProblem)).toEqual([])
  expect(challenges.map(({ id }) => id)).toContain('challenges/two-namespaces')
  expect(lessons.map(({ id }) => id)).toContain('courses/container-networking/a-network-of-one')
})

test.each(globSync('content/**/wrong/*.sh'))('%s names its task and what the learner reads', (file) => {
  const lab = labSchema.parse(parse(readFileSync(join(dirname(dirname(file)), 'lab.yaml'), 'utf8')))
  const task = /^([a-z][a-z0-9-]*?)--[a-z0-9-]+\.sh$/.exec(file.split('/').at(-1) ?? '')?.[1]
  expect(lab.tasks.map(({ id }) => id)).toContain(task)
  expect(readFileSync(file, 'utf8').split('\n')[0]).toMatch(/^#@ evidence .{10,}/)
})

test('every check script passes shellcheck', () => {
  const scripts = globSync('content/**/checks/*.sh')
  expect(scripts.length).toBeGreaterThan(0)
  expect(() => execFileSync('shellcheck', scripts, { encoding: 'utf8' })).not.toThrow()
})
