import { expect, it } from 'vitest'
import { countGo, countPlaywright, countVitest, NO_TESTS, sum } from './counts.ts'
import { runTiers } from './tier.ts'

const assertion = (status: string, fullName = status) => ({
  status,
  fullName,
  failureMessages: [`${fullName} said no`],
})
const vitest = (testResults: object[]) => countVitest(JSON.stringify({ success: true, testResults }))

it('counts vitest’s tests by file', () => {
  const files = [
    { name: 'a.test.ts', status: 'passed', assertionResults: [assertion('passed'), assertion('passed')] },
    {
      name: 'b.test.ts',
      status: 'failed',
      assertionResults: [assertion('failed'), assertion('pending'), assertion('passed')],
    },
  ]
  expect(vitest(files)).toEqual({ passed: 3, failed: 1, skipped: 1, problems: ['b.test.ts: failed\nfailed said no'] })
})

it('counts a file of vitest’s that did not load', () => {
  const count = vitest([{ name: 'a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }])
  expect(count).toEqual({ passed: 0, failed: 1, skipped: 0, problems: ['a.test.ts: no such module'] })
})

it('counts a file of vitest’s whose hook failed after its tests had passed', () => {
  const count = vitest([
    { name: 'a.test.ts', status: 'failed', message: 'afterAll', assertionResults: [assertion('passed')] },
  ])
  expect(count).toMatchObject({ passed: 1, failed: 1 })
})

const nothing = { passed: 0, failed: 1, problems: [NO_TESTS] }
it('takes no test for a failure', () => {
  expect(vitest([])).toMatchObject(nothing)
  expect(vitest([{ name: 'a', status: 'passed', assertionResults: [assertion('skipped')] }])).toMatchObject(nothing)
  expect(countGo([])).toMatchObject(nothing)
  expect(countPlaywright(JSON.stringify({ suites: [], errors: [] }))).toMatchObject(nothing)
})

it('counts Playwright’s tests, nested as they may be, and takes a flaky one for a failed one', () => {
  const spec = (title: string, status: string) => ({
    title,
    file: 'journey.spec.ts',
    tests: [{ status, results: [{ errors: status === 'expected' ? [] : [{ message: 'lost' }] }] }],
  })
  const suites = [
    { specs: [spec('one', 'expected')], suites: [{ specs: [spec('two', 'flaky'), spec('three', 'skipped')] }] },
  ]
  expect(countPlaywright(JSON.stringify({ suites, errors: [] }))).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    problems: ['journey.spec.ts: two (flaky)\nlost'],
  })
})

it('counts an error of Playwright’s outside of tests', () => {
  const count = countPlaywright(JSON.stringify({ suites: [], errors: [{ message: 'no browser' }] }))
  expect(count).toMatchObject({ passed: 0, failed: 1, problems: ['no browser'] })
})

const go = (events: object[]) => countGo(events.map((event) => JSON.stringify(event)))

it('counts Go’s tests and not its packages', () => {
  const count = go([
    { Action: 'pass', Package: 'p', Test: 'TestA' },
    { Action: 'skip', Package: 'p', Test: 'TestB' },
    { Action: 'output', Package: 'p', Test: 'TestC', Output: 'c_test.go:3: wrong\n' },
    { Action: 'fail', Package: 'p', Test: 'TestC' },
    { Action: 'fail', Package: 'p' },
    { Action: 'pass', Package: 'q', Test: 'TestD' },
    { Action: 'pass', Package: 'q' },
    { Action: 'skip', Package: 'without tests' },
  ])
  expect(count).toEqual({ passed: 2, failed: 1, skipped: 1, problems: ['p: TestC\nc_test.go:3: wrong\n'] })
})

it('counts a package of Go’s that does not compile', () => {
  const count = go([
    { ImportPath: 'p', Action: 'build-output', Output: 'undefined: x\n' },
    { Action: 'fail', Package: 'p' },
    { Action: 'pass', Package: 'q', Test: 'TestD' },
  ])
  expect(count).toEqual({ passed: 1, failed: 1, skipped: 0, problems: ['p\nundefined: x\n'] })
})

it('refuses a report that is none', () => {
  expect(() => countVitest('{}')).toThrow()
  expect(() => countPlaywright('nothing')).toThrow()
})

it('goes on after a tier that fails or cannot run, and says so', async () => {
  const lines: string[] = []
  const passing = { passed: 2, failed: 0, skipped: 0, problems: [] }
  const counts = await runTiers(
    [
      { name: 'a', title: 'first', run: () => Promise.reject(new Error('no machine')) },
      { name: 'b', title: 'second', run: async () => passing },
    ],
    new AbortController().signal,
    (line) => lines.push(line),
  )
  expect(sum(counts)).toMatchObject({ passed: 2, failed: 1 })
  expect(lines.join('\n')).toMatch(
    /✗ first: 0 passed, 1 failed \(.* s\)\n {4}could not run: no machine\n✓ second: 2 passed/,
  )
})

it('fails a tier that hangs', async () => {
  const hanging = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const lines: string[] = []
  const tiers = [{ name: 'a', title: 'hanging', limitMinutes: 0.0001, run: hanging }]
  expect(await runTiers(tiers, new AbortController().signal, (line) => lines.push(line))).toMatchObject([{ failed: 1 }])
  expect(lines.join('\n')).toContain('could not run: it took too long')
})
