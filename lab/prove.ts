import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { findLabs } from '#lab/find-labs.ts'
import { openLabPlatform } from '#lab/platform.ts'
import { countOf, PROOF_FLAGS, PROOF_USAGE, report, showPlan } from '#lab/prove-labs.ts'
import { RECORD_FILE, readRecord } from '#lib/content/proof-record.ts'
import { planOf } from '#lib/proof/plan.ts'
import { dueProofs, recorded } from '#lib/proof/record.ts'
import { ROOT } from '#scripts/paths.ts'
import { ProgressDisplay } from '#scripts/progress.ts'

/** What ships, and the labs that use each feature of the format; each folder keeps a record of its own. */
const FOLDERS = [join(ROOT, 'content'), join(ROOT, 'lib/content/fixtures/labs')]

const USAGE = `npm run prove -- [options]
  Proves the labs of content/, and the fixtures of the format, that are not as they were when ${RECORD_FILE} beside them was
  written, and one for each other profile. Run by CI after npm test.
  --all           every lab
  --record        writes what passed into ${RECORD_FILE}
${PROOF_USAGE}`

export const run: Command = async (args, signal) => {
  const { values } = parseArgs({
    args,
    options: { ...PROOF_FLAGS, all: { type: 'boolean' }, record: { type: 'boolean' } },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  try {
    return await prove(values, signal)
  } catch (error) {
    signal.throwIfAborted()
    console.error(`${error instanceof Error ? error.message : error}\n\n0 passed, 1 failed`)
    return 1
  }
}

type Flags = { rounds: string; 'at-once': string; all?: boolean; record?: boolean; junit?: string; json?: string }

async function prove(values: Flags, signal: AbortSignal): Promise<number> {
  const [rounds, atOnce] = [countOf('rounds', values.rounds), countOf('at-once', values['at-once'])]
  const folders = await Promise.all(
    FOLDERS.map(async (folder) => ({ folder, proofs: await findLabs([folder]), record: await readRecord(folder) })),
  )
  const proofs = folders.flatMap((each) => each.proofs)
  const known = Object.assign({}, ...folders.map(({ record }) => record))
  const due = values.all ? proofs : dueProofs(proofs, known)
  console.log(`${due.length} of ${proofs.length} labs are to be proven: ${due.map(({ id }) => id).join(', ')}`)
  const began = performance.now()
  const display = new ProgressDisplay(process.stdout)
  await using platform = await openLabPlatform(display, signal, due)
  const results = await showPlan(planOf(platform.provable(due), rounds), { platform, atOnce, signal, display })
  display.close()
  const seconds = (performance.now() - began) / 1000
  const whole = report(results, { kubernetes: platform.kubernetes, rounds, atOnce, seconds }, values)
  if (values.record) {
    for (const { folder, proofs, record } of folders)
      writeFileSync(join(folder, RECORD_FILE), `${JSON.stringify(recorded(record, proofs, whole), null, 2)}\n`)
  }
  const failed = results.filter(({ failure }) => failure !== null).length
  console.log(`\n${results.length - failed} passed, ${failed} failed`)
  return failed > 0 || results.length === 0 ? 1 : 0
}
