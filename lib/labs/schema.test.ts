import { expect, test } from 'vitest'
import { closest } from '#lib/labs/closest.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { durationSeconds } from '#lib/labs/duration.ts'
import { labSchema } from '#lib/labs/schema.ts'

const lab = {
  machines: [{ name: 'box', profile: 'root' }],
  tasks: [{ id: 'up', title: 'It is up', check: { run: 'checks/up.sh' } }],
}

test('what is left out has a default', () => {
  expect(labSchema.parse(lab)).toEqual({
    machines: [{ name: 'box', profile: 'root', terminals: ['main'] }],
    time: { budget: '60m', extend: '15m' },
    tasks: [{ id: 'up', title: 'It is up', kind: 'state', needs: [], check: { run: 'checks/up.sh' } }],
    hints: {},
  })
})

test('a stored lab parses to itself', () => {
  const once = labSchema.parse(lab)
  expect(labSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once)
})

test.each(['../up.sh', '/etc/passwd', 'checks/../../up.sh', './up.sh', 'checks//up.sh', 'checks/.', '.hidden', ''])(
  'no way out of the folder: %j',
  (run) => {
    expect(labSchema.safeParse({ ...lab, tasks: [{ ...lab.tasks[0], check: { run } }] }).success).toBe(false)
  },
)

test('durations', () => {
  expect(['90s', '45m', '2h'].map(durationSeconds)).toEqual([90, 2700, 7200])
  for (const text of ['45', '0m', '-1m', '1.5h', '45 m', '100000s', ''])
    expect(() => durationSeconds(text)).toThrow(RangeError)
})

test('the nearest word is found, a far one is not', () => {
  expect(closest('titel', ['summary', 'title'])).toBe('title')
  expect(closest('Check', ['check'])).toBe('check')
  expect(closest('colour', ['title', 'check'])).toBe(null)
})

test('the digest follows every value and script, and no order of keys', () => {
  const definition = { lab: labSchema.parse(lab), scripts: { 'checks/up.sh': 'pass yes\n' } }
  const shuffled = {
    scripts: definition.scripts,
    lab: Object.fromEntries(Object.entries(definition.lab).reverse()) as typeof definition.lab,
  }
  const digest = labDigest('challenges/one', definition)
  // Stored digests must stay found: this value may only change together with a migration.
  expect(digest).toBe('67386177d0af3144229fb1bf7f033852f66ecfefa8f9810baa5083395a07efea')
  expect(labDigest('challenges/one', shuffled)).toBe(digest)
  const others = [
    labDigest('challenges/two', definition),
    labDigest('challenges/one', { ...definition, scripts: { 'checks/up.sh': 'pass no\n' } }),
    labDigest('challenges/one', { ...definition, lab: { ...definition.lab, time: { budget: '61m', extend: '15m' } } }),
  ]
  expect(new Set([digest, ...others]).size).toBe(4)
})
