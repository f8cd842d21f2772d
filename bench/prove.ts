import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { machine } from '#bench/stats.ts'
import type { RunReport } from '#lib/proof/report.ts'
import { run as runProgram } from '#scripts/child.ts'
import { ROOT } from '#scripts/paths.ts'

const ROUNDS = 3
const BUDGET_MINUTES = 25

/** G17: the whole curriculum is proven, three times, without a flake, and one round keeps within its time. */
export async function run({ repeats }: Platform & { repeats: number }): Promise<boolean> {
  const rounds = Math.min(ROUNDS, repeats)
  const folder = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  try {
    const file = join(folder, 'proofs.json')
    const args = ['lab/main.ts', 'prove', '--all', '--rounds', String(rounds), '--json', file]
    await runProgram(process.execPath, args, { cwd: ROOT, allowFailure: true })
    const { labs, seconds, atOnce } = JSON.parse(readFileSync(file, 'utf8')) as RunReport
    for (const { labId, flakes, ...rest } of labs)
      tell({ bench: 'prove', ...machine(), arm: labId, ...rest, flakes: flakes.length })
    const failed = labs.reduce((sum, lab) => sum + lab.failed, 0)
    const flakes = labs.reduce((sum, lab) => sum + lab.flakes.length, 0)
    const roundMinutes = Math.round((10 * seconds) / 60 / rounds) / 10
    const pass = failed === 0 && flakes === 0 && roundMinutes <= BUDGET_MINUTES
    tell({ bench: 'prove', goal: 'G17', labs: labs.length, rounds, atOnce, roundMinutes, failed, flakes, pass })
    return pass
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
