import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { db } from '#lib/db/client.ts'
import { listReports } from '#lib/progress/list-reports.ts'
import { readRunning } from '#scripts/running.ts'
import { TestResources } from '#scripts/tiers/resources.ts'

const LIMIT = 50
const HELP = `npm run lab -- reports [ID]
What learners reported of checks, newest first, at most ${LIMIT}: of one lab (challenges/two-namespaces), or of all.
Of the database that DATABASE_URL names, else of the platform that runs in this checkout.`

export const run: Command = async (args, signal) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  })
  if (values.help || positionals.length > 1) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const url = process.env.DATABASE_URL ?? readRunning()?.databaseUrl
  if (!url) throw new Error('No platform runs in this checkout. Name a database by DATABASE_URL, or `npm start` first.')
  await using resources = new TestResources(() => {}, signal)
  Object.assign(process.env, await resources.environment(url))
  const reports = await listReports({ labId: positionals[0], limit: LIMIT })
  for (const { labId, taskId, verdict, evidence, text, reportedAt } of reports) {
    console.log(`${reportedAt.toISOString()}  ${labId} · ${taskId}: ${verdict ?? 'not judged'} · ${evidence}`)
    if (text) console.log(text.replaceAll(/^/gm, '    > '))
  }
  if (reports.length === 0) console.log('No check was reported.')
  await db().$disconnect()
  return 0
}
