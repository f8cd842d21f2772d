/** `npm run attack`: tries the attack list on real sandboxes, each line with its control. See attack/README.md. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { carryOut, type Result } from '#attack/attack.ts'
import type { Hosts } from '#attack/flags.ts'
import { groups } from '#attack/groups.ts'
import { openRange, PROFILE_NAMES, possibleProfiles, type Range } from '#attack/range.ts'
import { table, tally } from '#attack/report.ts'
import { PROFILES } from '#lib/sandbox/machine-profiles.ts'
import { DATA, ROOT } from '#scripts/paths.ts'
import { readImages, readRunning } from '#scripts/running.ts'
import { TestResources } from '#scripts/tiers/resources.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', multiple: true },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const stopped = once(stopping.signal, 'abort').then(() => null)
await using resources = new TestResources((stage, { step }) => console.error(`${stage}: ${step}`), stopping.signal)
adoptRunning()
const hosts: Hosts = {
  dataFolder: DATA,
  contentFolder: join(ROOT, 'content'),
  plantRow: async (flag) => plantRow(await resources.emptyDatabase(), flag),
}
process.exitCode = await main(groups(hosts))
if (stopping.signal.aborted) {
  // A row that was left may still wait for something.
  await resources[Symbol.asyncDispose]()
  process.exit(130)
}

async function main(all: ReturnType<typeof groups>): Promise<number> {
  const names = positionals.length > 0 ? positionals : Object.keys(all)
  const profiles = PROFILE_NAMES.filter((name) => !values.profile || values.profile.includes(name))
  const unknown = names.find((name) => !all[name])
  if (values.help || unknown || profiles.length === 0) {
    console.error(`usage: npm run attack -- [${Object.keys(all).join(' | ')}]… [--profile NAME]… [--only WORDS]`)
    return 2
  }
  const { KUBECONFIG, DRYDOCK_IMAGES } = await resources.cluster()
  const images: Record<string, string> = JSON.parse(DRYDOCK_IMAGES ?? '{}')
  const results: Result[] = []
  await using range = await openRange({ kubeconfig: KUBECONFIG, images })
  const possible = possibleProfiles(images).filter((name) => profiles.includes(name))
  for (const profile of profiles.filter((name) => !possible.includes(name))) {
    const control = 'none'
    results.push({
      group: names.join(', '),
      attack: 'all',
      profile,
      control,
      verdict: 'void',
      seen: 'its image is not built',
      durationMs: 0,
    })
  }
  for (const group of names) {
    // Profiles side by side, but for what a neighbour feels: that is measured alone.
    const run = (profile: (typeof profiles)[number]) => tryAll(group, all[group] ?? [], profile, range, results)
    if (group === 'neighbours') for (const profile of possible) await run(profile)
    else await Promise.all(possible.map(run))
  }
  const inOrder = [
    ...results.filter(({ attack }) => attack === 'all'),
    ...names.flatMap((group) =>
      (all[group] ?? []).flatMap(({ name }) => results.filter((one) => one.group === group && one.attack === name)),
    ),
  ]
  console.log(table(inOrder))
  const file = join(DATA, 'reports', 'attack.json')
  mkdirSync(join(DATA, 'reports'), { recursive: true })
  const { clean, ...counts } = tally(inOrder)
  writeFileSync(file, JSON.stringify({ at: new Date().toISOString(), ...counts, results: inOrder }, null, 2))
  console.log(`\n${counts.held} held, ${counts.escapes} escaped, ${counts.voids} void. All of it in ${file}`)
  return clean ? 0 : 1
}

/** The cluster of the platform that runs in this checkout, where one runs and nothing else is named. */
function adoptRunning(): void {
  const running = process.env.KUBECONFIG ? null : readRunning()
  if (!running) return
  process.env.KUBECONFIG = running.kubeconfig
  process.env.DRYDOCK_IMAGES = JSON.stringify(readImages() ?? {})
}

async function tryAll(
  group: string,
  attacks: ReturnType<typeof groups>[string],
  profile: (typeof PROFILE_NAMES)[number],
  range: Range,
  results: Result[],
): Promise<void> {
  for (const attack of attacks) {
    if (stopping.signal.aborted) return
    if (attack.from && !attack.from(PROFILES[profile])) continue
    if (values.only && !attack.name.includes(values.only)) continue
    const result = await Promise.race([carryOut(group, attack, profile, range), stopped])
    if (!result) return
    results.push(result)
    const why = result.verdict === 'held' ? '' : `: ${result.seen}`
    console.error(`${result.verdict.padEnd(6)} ${group}: ${attack.name} (${profile}, ${result.durationMs} ms)${why}`)
  }
}

async function plantRow(url: string, flag: string): Promise<() => Promise<unknown>> {
  const query = async (sql: string, values: string[] = []) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(sql, values).finally(() => client.end())
  }
  await query('create table attack (flag text)')
  await query('insert into attack values ($1)', [flag])
  return () => query('drop table attack')
}
