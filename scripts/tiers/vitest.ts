import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailed, run } from '../child.ts'
import { BIN, DATA, ROOT } from '../paths.ts'
import { type Count, countVitest } from './counts.ts'

/** Where test runners leave their reports. */
export const REPORTS = join(DATA, 'reports')

/** Runs one of vitest.config.ts's projects. @throws when it ends without a report. */
export async function vitest(project: string, env: Record<string, string>, signal: AbortSignal): Promise<Count> {
  mkdirSync(REPORTS, { recursive: true })
  const report = join(REPORTS, `${project}.json`)
  rmSync(report, { force: true })
  const args = ['run', '--project', project, '--reporter=json', `--outputFile=${report}`, '--passWithNoTests']
  const { code, lines } = await run(join(BIN, 'vitest'), args, {
    cwd: ROOT,
    env: { ...process.env, FORCE_COLOR: '0', ...env },
    signal,
    allowFailure: true,
  })
  if (!existsSync(report))
    throw new CommandFailed(`vitest ${project}`, `exit code ${code} and no report`, lines.slice(-40).join('\n'))
  const count = countVitest(readFileSync(report, 'utf8'))
  // Errors outside of any test (an unhandled rejection) fail the run though every test passed.
  if (code !== 0 && count.failed === 0) return { ...count, failed: 1, problems: [lines.slice(-60).join('\n')] }
  return count
}
