import { expect, test } from 'vitest'
import { formatProblem } from '#lib/content/problem.ts'
import { validateContent } from '#lib/content/validate/validate-content.ts'

const { labs, problems, warnings, shellchecked } = await validateContent('content')

test('the content of this repository has no problem', () => {
  expect(labs).toBeGreaterThan(0)
  expect(problems.map(formatProblem)).toEqual([])
  expect(shellchecked).toBe(true)
})

test('every task is told from two misconceptions', () => {
  const missing = warnings.filter(({ file }) => file.endsWith('/wrong'))
  expect(missing.map(formatProblem)).toEqual([])
})
