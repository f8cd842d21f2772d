/** `npm test`: every tier, cheap ones first, on a database and a cluster of its own. bootstrap.mjs has prepared the machine. */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { stopCluster } from '#cluster/boot.ts'
import { sleep } from '#cluster/exec.ts'
import { findLeftovers, isClean } from '#cluster/leftovers.ts'
import type { Stage } from './lab-cluster.ts'
import { findOwnProcesses } from './own-processes.ts'
import { LOGS } from './paths.ts'
import { ProgressDisplay } from './progress.ts'
import { atLeastOne, type Count, failure, success, sum } from './tiers/counts.ts'
import { liveTiers } from './tiers/live.ts'
import { ownCodeTiers } from './tiers/own-code.ts'
import { TEST_CLUSTER_DATA, TestResources } from './tiers/resources.ts'
import { staticTiers } from './tiers/static.ts'
import { runTiers, type Tier } from './tiers/tier.ts'

const STAGE_NAMES: Record<Stage, string> = {
  programs: 'cluster programs',
  images: 'machine images',
  cluster: 'cluster',
  extras: 'registry',
  late: 'ingress controller',
}
/** What was told to stop is gone within this time, or it counts as left behind. */
const LEFTOVER_WAIT_MS = 5000

const display = new ProgressDisplay(process.stdout)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(130)
    stopping.abort()
  })
}

/** `--only unit,db`: the tiers of these names; an unknown name is refused with the known ones. */
function chosen(tiers: Tier[]): Tier[] {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  if (values.only === undefined) return tiers
  const names = values.only.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !tiers.some((tier) => tier.name === name))
  if (unknown.length > 0) {
    throw new Error(`There is no tier ${unknown.join(', ')}; there are ${tiers.map(({ name }) => name).join(', ')}.`)
  }
  return tiers.filter(({ name }) => names.includes(name))
}

/** After everything was stopped: one check that nothing of it is left. */
async function leftovers(): Promise<Count> {
  const find = () => ({ cluster: findLeftovers(TEST_CLUSTER_DATA), processes: findOwnProcesses() })
  const deadline = Date.now() + LEFTOVER_WAIT_MS
  for (;;) {
    const found = find()
    if (isClean(found.cluster) && found.processes.length === 0) return success
    if (Date.now() > deadline) {
      for (const { pid } of found.processes) process.kill(pid, 'SIGKILL')
      await stopCluster(TEST_CLUSTER_DATA)
      return failure(`still there after everything was stopped:\n${JSON.stringify(found, null, 2)}`)
    }
    await sleep(100)
  }
}

async function main(): Promise<Count> {
  mkdirSync(LOGS, { recursive: true, mode: 0o700 })
  const { signal } = stopping
  const counts: Count[] = []
  {
    await using resources = new TestResources((stage, progress) => {
      display.update(STAGE_NAMES[stage], progress)
      if ((stage === 'cluster' || stage === 'extras') && progress.done === progress.total) {
        for (const name of Object.values(STAGE_NAMES)) display.finish(name)
      }
    }, signal)
    const tiers = chosen([...staticTiers, ...ownCodeTiers, ...liveTiers(resources)])
    counts.push(...(await runTiers(tiers, signal, (line) => display.say(line))))
  }
  counts.push(
    ...(await runTiers(
      [{ name: 'leftovers', title: 'nothing is left behind', run: leftovers }],
      new AbortController().signal,
      (line) => display.say(line),
    )),
  )
  return atLeastOne(sum(counts))
}

try {
  const total = await main()
  display.close()
  if (stopping.signal.aborted) console.log('\nStopped before the end.')
  if (total.skipped > 0) console.log(`\n${total.skipped} skipped`)
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  process.exitCode = total.failed > 0 || stopping.signal.aborted ? 1 : 0
} catch (error) {
  display.close()
  console.error(`\n${error instanceof Error ? error.message : error}\n\n0 passed, 1 failed`)
  process.exitCode = 1
}
process.exit()
