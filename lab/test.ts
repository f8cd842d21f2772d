import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { findLabs } from '#lab/find-labs.ts'
import { openLabPlatform } from '#lab/platform.ts'
import { countOf, PROOF_FLAGS, PROOF_USAGE, report, showPlan } from '#lab/prove-labs.ts'
import { planOf } from '#lib/proof/plan.ts'
import { ProgressDisplay } from '#scripts/progress.ts'

const USAGE = `npm run lab -- test PATH… [options]
  Proves the labs in these folders: a fresh sandbox passes nothing, the solution solves the lab (twice, with other
  variables), each wrong/ is told its misconception, a lesson's commands print what it shows, and nothing is left.
${PROOF_USAGE}`

export const run: Command = async (args, signal) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: PROOF_FLAGS })
  if (values.help || positionals.length === 0) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const [rounds, atOnce] = [countOf('rounds', values.rounds), countOf('at-once', values['at-once'])]
  const proofs = await findLabs(positionals)
  const began = performance.now()
  const display = new ProgressDisplay(process.stdout)
  await using platform = await openLabPlatform(display, signal, proofs)
  const results = await showPlan(planOf(platform.provable(proofs), rounds), { platform, atOnce, signal, display })
  display.close()
  const seconds = (performance.now() - began) / 1000
  report(results, { kubernetes: platform.kubernetes, rounds, atOnce, seconds }, values)
  return results.every(({ failure }) => failure === null) ? 0 : 1
}
