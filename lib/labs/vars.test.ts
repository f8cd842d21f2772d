import { expect, test } from 'vitest'
import { scriptEnvironment } from '#lib/labs/script-environment.ts'
import { fillVars, varsIn } from '#lib/labs/template.ts'
import { drawVars } from '#lib/labs/vars.ts'

const vars = { port: { int: [8000, 8999] as [number, number] }, name: { pick: ['api', 'web', 'shop', 7] } }

test('what a seed gives is the same for ever', () => {
  // Attempts keep what they drew, but proofs draw again: these values may not change.
  expect(drawVars(vars, 'attempt-1')).toEqual({ port: 8384, name: 'web' })
  expect(drawVars(vars, 'attempt-2')).toEqual({ port: 8699, name: 'api' })
  expect(drawVars({ name: vars.name }, 'attempt-1')).toEqual({ name: 'web' })
  expect(drawVars(undefined, 'x')).toEqual({})
})

test('every value is drawn about as often as any other, and none outside', () => {
  const counts = new Map<number, number>()
  for (let seed = 0; seed < 4000; seed++) {
    const { n = '' } = drawVars({ n: { int: [-1, 2] } }, String(seed))
    counts.set(Number(n), (counts.get(Number(n)) ?? 0) + 1)
  }
  expect([...counts.keys()].sort()).toEqual([-1, 0, 1, 2])
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
  const { n: large } = drawVars({ n: { int: [0, Number.MAX_SAFE_INTEGER] } }, 'x')
  expect(Number.isSafeInteger(large)).toBe(true)
})

test('what scripts find in their environment', () => {
  expect(
    scriptEnvironment({
      vars: { 'my-port': 80, path: 'x' },
      needs: { 'up-1': { ip: '10.0.0.1', 'a.b': 'c' } },
      answer: '42',
    }),
  ).toEqual({ VAR_MY_PORT: '80', VAR_PATH: 'x', NEED_UP_1_IP: '10.0.0.1', NEED_UP_1_A_B: 'c', ANSWER: '42' })
  expect(scriptEnvironment({ needs: { a: { 'b-c': 'first' }, 'a-b': { c: 'second' } } })).toEqual({
    NEED_A_B_C: 'first',
  })
  expect(scriptEnvironment({})).toEqual({})
})

test('variables in a text', () => {
  const text = "curl :{{ vars.port }}/{{vars.my-name}} {{ vars.none }} '{{.Name}}' {{ vars.port.x }} {{ needs.a.b }}"
  expect(varsIn(text)).toEqual(['port', 'my-name', 'none'])
  expect(fillVars(text, { port: 80, 'my-name': '$& $1', constructor: 'no' })).toBe(
    "curl :80/$& $1 {{ vars.none }} '{{.Name}}' {{ vars.port.x }} {{ needs.a.b }}",
  )
})
