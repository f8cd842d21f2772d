import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { findLabs } from '#lab/find-labs.ts'
import { openLabPlatform } from '#lab/platform.ts'
import { countOf, PROOF_FLAGS, PROOF_USAGE, report, showPlan } from '#lab/prove-labs.ts'
import { type Baseline, baselineCase, mutantCase } from '#lib/proof/mutate.ts'
import { droppedSteps, unguardedTasks } from '#lib/proof/mutations.ts'
import type { Planned } from '#lib/proof/plan.ts'
import type { CaseResult } from '#lib/proof/report.ts'
import { ProgressDisplay } from '#scripts/progress.ts'

/** What ships keeps to this. */
const MOST_SURVIVORS = 0.05
/** Of fewer mutants one survivor is more than that. */
const ENOUGH_MUTANTS = 20
const WRONG_PER_TASK = 2

const USAGE = `npm run lab -- mutate PATH… [options]
  Would the proof notice? Each step of a solution is left out, one at a time: the lab must not be solved. Each check is
  taken to pass always: a wrong/ of that task must notice, so each task needs ${WRONG_PER_TASK}. A step that may be left out says
  why in the line above it: "#@ survives <reason>".
${PROOF_USAGE}`

export const run: Command = async (args, signal) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: PROOF_FLAGS })
  if (values.help || positionals.length === 0) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const atOnce = countOf('at-once', values['at-once'])
  const found = await findLabs(positionals)
  const began = performance.now()
  const display = new ProgressDisplay(process.stdout)
  await using platform = await openLabPlatform(display, signal, found)
  const proofs = platform.provable(found)
  const context = { platform, atOnce, signal, display }

  const baselines = new Map<string, Baseline>()
  const whole = proofs.map((proof): Planned => {
    return { proof, what: baselineCase(proof, (baseline) => baselines.set(proof.id, baseline)), round: 1 }
  })
  const solved = await showPlan(whole, context)
  const mutants = proofs.flatMap((proof) => {
    const baseline = baselines.get(proof.id)
    if (!baseline) return []
    return droppedSteps(proof.solution).map(
      (dropped): Planned => ({ proof, what: mutantCase(proof, dropped, baseline), round: 1 }),
    )
  })
  const mutated = await showPlan(mutants, context)
  display.close()
  const seconds = (performance.now() - began) / 1000
  report([...solved, ...mutated], { kubernetes: platform.kubernetes, rounds: 1, atOnce, seconds }, values)

  const unguarded = proofs.flatMap((proof) =>
    unguardedTasks(proof, WRONG_PER_TASK).map(
      ({ task, wrong }) => `${proof.id}: ${task} has ${wrong} wrong/ of ${WRONG_PER_TASK}`,
    ),
  )
  for (const line of unguarded) console.log(`✗ ${line}: a check that always passes might go unnoticed`)
  const survivors = mutated.filter(survived)
  const share = survivors.length / Math.max(1, mutated.length)
  console.log(
    `${mutated.length} mutants, ${survivors.length} survive (${(100 * share).toFixed(1)} %), ${unguarded.length} tasks with too few wrong/`,
  )
  for (const { labId, name, survives } of survivors) console.log(`  ${labId} · ${name}: ${survives ?? 'not justified'}`)
  const tooMany = mutated.length >= ENOUGH_MUTANTS && share > MOST_SURVIVORS
  const failed = [...solved, ...mutated].some(({ failure }) => failure !== null)
  return failed || tooMany || unguarded.length > 0 ? 1 : 0
}

const survived = ({ survives, failure }: CaseResult) => survives !== null || failure !== null
