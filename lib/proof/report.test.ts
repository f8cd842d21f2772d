import { expect, test } from 'vitest'
import { type CaseResult, junit, summarise } from '#lib/proof/report.ts'

const result = (changes: Partial<CaseResult>): CaseResult => ({
  labId: 'challenges/a',
  name: 'solution, first',
  round: 1,
  failure: null,
  seconds: 1.5,
  readySeconds: 1,
  solvedSeconds: null,
  survives: null,
  evidence: {},
  ...changes,
})
const failure = { message: 'no "prompt" & <nothing>', detail: '\x1b[31mred\x1b[0m ]]> \ud800 \u0000 ü\n' }

test('a case that passes in one round and fails in another is a flake', () => {
  const results = [
    result({ solvedSeconds: 3 }),
    result({ name: 'wrong/x.sh' }),
    result({ round: 2, failure, readySeconds: null }),
    result({ round: 2, name: 'wrong/x.sh', readySeconds: 2 }),
    result({ labId: 'challenges/b', failure, readySeconds: null }),
  ]
  expect(summarise(results)).toEqual([
    { labId: 'challenges/a', passed: 3, failed: 1, flakes: ['solution, first'], readySeconds: 1, solvedSeconds: 3 },
    { labId: 'challenges/b', passed: 0, failed: 1, flakes: [], readySeconds: null, solvedSeconds: null },
  ])
})

test('JUnit has a suite a lab, and nothing that XML cannot say', () => {
  expect(
    junit([result({}), result({ name: 'wrong/x.sh', round: 2, failure })]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="challenges/a" tests="2" failures="1">
    <testcase classname="challenges/a" name="solution, first" time="1.500"/>
    <testcase classname="challenges/a" name="wrong/x.sh (round 2)" time="1.500">
      <failure message="no &quot;prompt&quot; &amp; &lt;nothing&gt;">\ufffd[31mred\ufffd[0m ]]&gt; \ufffd \ufffd ü
</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
})
