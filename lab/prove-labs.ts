import { writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { basename } from 'node:path'
import type { LabPlatform } from '#lab/platform.ts'
import type { Planned } from '#lib/proof/plan.ts'
import { PATIENCE } from '#lib/proof/player.ts'
import { type CaseResult, junit, type RunReport, summarise } from '#lib/proof/report.ts'
import { runPlan } from '#lib/proof/run-plan.ts'
import type { ProgressDisplay } from '#scripts/progress.ts'

const SANDBOXES_PER_CPU = 2
const BYTES_PER_SANDBOX = 1.5 * 1024 ** 3

/** How many sandboxes this machine proves at a time without slowing each other down much. */
const CAPACITY = Math.max(
  1,
  Math.min(SANDBOXES_PER_CPU * availableParallelism(), Math.floor(totalmem() / BYTES_PER_SANDBOX)),
)

/** The flags that say how labs are proven, for `parseArgs`. */
export const PROOF_FLAGS = {
  rounds: { type: 'string', default: '1' },
  'at-once': { type: 'string', default: String(CAPACITY) },
  junit: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const
export const PROOF_USAGE = `  --rounds N      that many times; a case that passes once and fails once is a flake
  --at-once N     sandboxes at a time (${CAPACITY} on this machine)
  --junit FILE    the report as JUnit XML
  --json FILE     the report as JSON, with evidence and times`

/** @throws Error that names the flag */
export function countOf(flag: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value
  throw new Error(`--${flag} is a whole number from 1 to 100, not "${text}"`)
}

/** Bars on a terminal while it goes on, a line for each case that is done, and for a failure all that was seen. */
export async function showPlan(
  plan: Planned[],
  {
    platform,
    atOnce,
    signal,
    display,
  }: { platform: LabPlatform; atOnce: number; signal: AbortSignal; display: ProgressDisplay },
): Promise<CaseResult[]> {
  const totals = new Map<string, { done: number; total: number }>()
  for (const { proof } of plan) {
    const known = totals.get(proof.id)
    if (known) known.total++
    else totals.set(proof.id, { done: 0, total: 1 })
  }
  const started = performance.now()
  return runPlan(plan, {
    port: platform.port,
    patience: PATIENCE,
    signal,
    atOnce,
    onStep: ({ proof, what }, step) => {
      const count = totals.get(proof.id)
      // Where nobody watches, the lines of results say enough.
      if (!process.stdout.isTTY || !count) return
      const etaSeconds =
        count.done > 0 ? ((performance.now() - started) / 1000 / count.done) * (count.total - count.done) : null
      display.update(basename(proof.id), { ...count, component: what.name, step: basename(step), etaSeconds })
    },
    onResult: (result) => {
      const count = totals.get(result.labId)
      if (count && ++count.done === count.total) display.finish(basename(result.labId))
      display.say(lineOf(result))
    },
  })
}

function lineOf({ labId, name, round, seconds, solvedSeconds, failure, survives }: CaseResult): string {
  const where = `${labId} · ${name}${round > 1 ? ` · round ${round}` : ''}`
  if (failure) return `✗ ${where}\n    ${[failure.message, ...failure.detail.split('\n')].join('\n    ')}`
  const solved = solvedSeconds === null ? '' : `, solved in ${solvedSeconds.toFixed(1)} s`
  return `✓ ${where} (${seconds.toFixed(0)} s${solved})${survives === null ? '' : ` survives: ${survives}`}`
}

/** Writes the reports that were asked for, and says what each lab came to. */
export function report(
  results: CaseResult[],
  about: Omit<RunReport, 'at' | 'labs' | 'results'>,
  files: { junit?: string | undefined; json?: string | undefined },
): RunReport {
  const labs = summarise(results)
  const whole: RunReport = { at: new Date().toISOString(), ...about, labs, results }
  if (files.junit) writeFileSync(files.junit, junit(results))
  if (files.json) writeFileSync(files.json, `${JSON.stringify(whole, null, 2)}\n`)
  const time = (seconds: number | null) => (seconds === null ? '–' : `${seconds.toFixed(1)} s`)
  for (const { labId, passed, failed, flakes, readySeconds, solvedSeconds } of labs) {
    const mark = failed > 0 ? '✗' : '✓'
    const unstable = flakes.length > 0 ? ` · flakes: ${flakes.join(', ')}` : ''
    console.log(
      `${mark} ${labId}: ${passed} of ${passed + failed} · ready ${time(readySeconds)} · solved ${time(solvedSeconds)}${unstable}`,
    )
  }
  return whole
}
