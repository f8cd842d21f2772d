import { afterAll, beforeAll, expect, test } from 'vitest'
import { findLabs } from '#lab/find-labs.ts'
import { type LabPlatform, openLabPlatform } from '#lab/platform.ts'
import { type Baseline, baselineCase, mutantCase } from '#lib/proof/mutate.ts'
import { droppedSteps } from '#lib/proof/mutations.ts'
import { planOf } from '#lib/proof/plan.ts'
import { runPlan } from '#lib/proof/run-plan.ts'
import { ProgressDisplay } from '#scripts/progress.ts'

/** The prover itself: of a sound lab and of ones with a known fault it must say exactly what is wrong. */

const signal = new AbortController().signal
let platform: LabPlatform

beforeAll(async () => {
  platform = await openLabPlatform(new ProgressDisplay({ write: () => {} }), signal)
})
afterAll(() => platform?.[Symbol.asyncDispose]())

test('what is proven of each fixture, and what is said of its fault', { timeout: 300_000 }, async () => {
  const proofs = await findLabs(['lab/fixtures'])
  const sound = proofs.find(({ id }) => id === 'challenges/sound')
  if (!sound) throw new Error('no sound fixture')
  let baseline: Baseline = { timings: new Map(), solvedMs: 0 }
  const whole = baselineCase(sound, (noted) => {
    baseline = noted
  })
  const plan = planOf(proofs, 1).filter(({ proof, what }) => proof !== sound || what.name.startsWith('wrong/'))
  const first = plan.filter(({ what }) => what.name !== 'solution, second')
  // Longer than a busy machine needs, and what hangs hangs no longer.
  const patience = { readyMs: 120_000, lineMs: 20_000, verdictMs: 20_000, stayMs: 1000, portMs: 3000 }
  const options = { port: platform.port, patience, signal, atOnce: 4, onStep: () => {}, onResult: () => {} }
  const results = await runPlan([{ proof: sound, what: whole, round: 1 }, ...first], options)
  const said = results.map(({ labId, name, failure }) => `${labId} ${name}: ${failure?.message ?? 'proven'}`).sort()
  expect(said).toEqual([
    'challenges/broken solution, first: the check of port is broken in a fresh sandbox: our check failed: exit status 7',
    'challenges/endless solution, first: the prompt did not come back after "sleep 600" within 20 s',
    'challenges/lucky solution, first: host passes in a sandbox that nobody has touched: It is called box.',
    'challenges/silent solution, first: "The page", port 8080 of box, did not answer in the browser: its last status was 502 within 3 s',
    'challenges/sound solution: proven',
    'challenges/sound wrong/flag--another-name.sh: proven',
    expect.stringMatching(/^challenges\/sound wrong\/flag--that-is-right\.sh: flag (?:was not told|passes)/),
  ])
  const hung = results.find(({ labId }) => labId === 'challenges/endless')
  expect(hung?.failure?.detail).toContain('flag: not-yet · There is no /srv/flag.')

  const mutants = droppedSteps(sound.solution).map((dropped) => mutantCase(sound, dropped, baseline))
  const mutated = await runPlan(
    mutants.map((what) => ({ proof: sound, what, round: 1 })),
    options,
  )
  expect(mutated.map(({ failure, survives }) => [failure, survives])).toEqual([
    [null, null],
    [null, 'it only looks'],
  ])
})
