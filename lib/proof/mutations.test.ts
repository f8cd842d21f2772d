import { expect, test } from 'vitest'
import { type Baseline, baselineCase, mutantCase } from '#lib/proof/mutate.ts'
import { droppedSteps, unguardedTasks } from '#lib/proof/mutations.ts'
import { runPlan } from '#lib/proof/run-plan.ts'
import { FakePort, SHORT, script, testLab, testProof, whenTyped } from '#lib/proof/testing.ts'

const lab = testLab('one', 'two')

test('each step of what is typed is left out once, a heredoc as a whole', () => {
  const text = "cat <<'END'\none\nEND\n#@ wait one\n#@ survives it looks\nls\n#@ answer two 5\n"
  const dropped = droppedSteps([script(text, lab), script('last', lab, 'solution/02-box.sh')])
  expect(dropped.map(({ name, justified }) => [name, justified])).toEqual([
    ["without 01-box.sh:1 cat <<'END' …", null],
    ['without 01-box.sh:6 ls', 'it looks'],
    ['without 01-box.sh:7 the answer to two', null],
    ['without 02-box.sh:1 last', null],
  ])
  expect(dropped[0]?.scripts.map(({ steps }) => steps.map(({ kind }) => kind))).toEqual([
    ['wait', 'line', 'answer'],
    ['line'],
  ])
})

test('a task whose check could pass always is one with too few wrong/', () => {
  const wrong = { script: script('x', lab), task: 'one', evidence: 'e' }
  expect(unguardedTasks(testProof(lab, 'x', [wrong, wrong]), 2)).toEqual([{ task: 'two', wrong: 0 }])
})

test('a lab that is solved without a step is a survivor, unless its author says why', async () => {
  const proof = testProof(lab, 'a\n#@ wait one\nidle\n#@ survives it looks\nlook\nhang\nb')
  const port = new FakePort(() => ({
    judge: { one: whenTyped('a'), two: whenTyped('b') },
    print: (line) => (line === 'hang' ? null : ''),
  }))
  const options = { port, patience: SHORT, signal: new AbortController().signal, atOnce: 4 }
  const run = (what: Parameters<typeof runPlan>[0][number]['what'][]) =>
    runPlan(
      what.map((one) => ({ proof, what: one, round: 1 })),
      { ...options, onStep: () => {}, onResult: () => {} },
    )
  const baseline: Baseline = { timings: new Map(), solvedMs: 1 }
  const quiet = testProof(lab, 'a\nb')
  const [whole] = await run([baselineCase(quiet, (noted) => void Object.assign(baseline, noted))])
  expect(whole?.failure).toBeNull()
  expect(baseline.timings.size).toBe(2)
  const results = await run(droppedSteps(proof.solution).map((dropped) => mutantCase(proof, dropped, baseline)))
  expect(results.map(({ name, failure, survives }) => [name, failure?.message, survives])).toEqual([
    ['without 01-box.sh:1 a', undefined, null],
    ['without 01-box.sh:3 idle', 'the lab is solved all the same', null],
    ['without 01-box.sh:5 look', undefined, 'it looks'],
    ['without 01-box.sh:6 hang', 'the lab is solved all the same', null],
    ['without 01-box.sh:7 b', undefined, null],
  ])
})
