import { z } from 'zod'

/** What a tier's tests came to. `problems` says of each failure where and what. */
export type Count = { passed: number; failed: number; skipped: number; problems: string[] }

export const NO_TESTS = 'not one test ran'

/** A tier in which nothing ran proves nothing: it counts as failed. */
export function atLeastOne(count: Count): Count {
  if (count.passed + count.failed > 0) return count
  return { ...count, failed: 1, problems: [...count.problems, NO_TESTS] }
}

export function failure(problem: string): Count {
  return { passed: 0, failed: 1, skipped: 0, problems: [problem] }
}

export const success: Count = { passed: 1, failed: 0, skipped: 0, problems: [] }

export function sum(counts: Count[]): Count {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
    skipped: counts.reduce((total, { skipped }) => total + skipped, 0),
    problems: counts.flatMap(({ problems }) => problems),
  }
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
})

/** Vitest's JSON reporter. A file that failed without a failed test of its own (it did not load, a hook threw) counts once. */
export function countVitest(json: string): Count {
  const { testResults } = vitestReport.parse(JSON.parse(json))
  const perFile = testResults.map(({ name, status, message, assertionResults }): Count => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    const passed = assertionResults.filter((test) => test.status === 'passed').length
    const skipped = assertionResults.length - failed.length - passed
    const problems = failed.map((test) => `${name}: ${test.fullName}\n${(test.failureMessages ?? []).join('\n')}`)
    if (status === 'failed' && failed.length === 0) {
      return { passed, failed: 1, skipped, problems: [`${name}: ${message || 'the file failed'}`] }
    }
    return { passed, failed: failed.length, skipped, problems }
  })
  return atLeastOne(sum(perFile))
}

type PlaywrightSuite = { suites?: PlaywrightSuite[] | undefined; specs?: PlaywrightSpec[] | undefined }
type PlaywrightSpec = z.output<typeof playwrightSpec>
const playwrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
      results: z.array(z.object({ errors: z.array(z.object({ message: z.string().optional() })).optional() })),
    }),
  ),
})
const playwrightSuite: z.ZodType<PlaywrightSuite> = z.lazy(() =>
  z.object({ suites: z.array(playwrightSuite).optional(), specs: z.array(playwrightSpec).optional() }),
)
const playwrightReport = z.object({
  suites: z.array(playwrightSuite),
  errors: z.array(z.object({ message: z.string().optional() })).default([]),
})

/** Playwright's JSON reporter. A flaky test is a failed one; an error outside of tests (a setup that threw) counts once. */
export function countPlaywright(json: string): Count {
  const { suites, errors } = playwrightReport.parse(JSON.parse(json))
  const specsOf = (suite: PlaywrightSuite): PlaywrightSpec[] => [
    ...(suite.specs ?? []),
    ...(suite.suites ?? []).flatMap(specsOf),
  ]
  const tests = suites.flatMap(specsOf).flatMap((spec) => spec.tests.map((test) => ({ ...test, spec })))
  const failed = tests.filter(({ status }) => status === 'unexpected' || status === 'flaky')
  const words = ({ spec, status, results }: (typeof tests)[number]) => {
    const said = results.flatMap((result) => result.errors ?? []).map((error) => error.message ?? '')
    return `${spec.file}: ${spec.title} (${status})\n${said.join('\n')}`
  }
  return atLeastOne({
    passed: tests.filter(({ status }) => status === 'expected').length,
    failed: failed.length + errors.length,
    skipped: tests.filter(({ status }) => status === 'skipped').length,
    problems: [...failed.map(words), ...errors.map(({ message }) => message ?? 'an error outside of tests')],
  })
}

const goEvent = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
})

/**
 * The lines of `go test -json` (cmd/test2json). Tests with subtests count by these and by themselves. A package that
 * failed without a failed test (it did not compile, it panicked) counts once.
 */
export function countGo(lines: string[]): Count {
  const events = lines.flatMap((line) => {
    const parsed = line.startsWith('{') ? goEvent.safeParse(JSON.parse(line)) : null
    return parsed?.success ? [parsed.data] : []
  })
  const ofTests = (action: string) => events.filter((event) => event.Action === action && event.Test !== undefined)
  const failedTests = ofTests('fail')
  const failedPackages = events.filter(
    ({ Action, Test, Package }) =>
      Action === 'fail' && Test === undefined && !failedTests.some((test) => test.Package === Package),
  )
  const output = (match: (event: z.output<typeof goEvent>) => boolean) =>
    events
      .filter((event) => (event.Action === 'output' || event.Action === 'build-output') && match(event))
      .map((event) => event.Output ?? '')
      .join('')
  return atLeastOne({
    passed: ofTests('pass').length,
    failed: failedTests.length + failedPackages.length,
    skipped: ofTests('skip').length,
    problems: [
      ...failedTests.map(
        ({ Package, Test }) =>
          `${Package}: ${Test}\n${output((event) => event.Package === Package && event.Test === Test)}`,
      ),
      ...failedPackages.map(
        ({ Package }) =>
          `${Package}\n${output((event) => event.Package === Package || event.Action === 'build-output')}`,
      ),
    ],
  })
}
