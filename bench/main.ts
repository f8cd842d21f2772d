/** `npm run bench -- NAME`: measures goals of the design on the platform that `npm start` runs in this checkout. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openPlatform, type Platform } from '#bench/platform.ts'
import { aboutThisRun, renderReport, toldLines } from '#bench/report.ts'

const REPORT = 'bench/results.md'

/** Tells a line for each arm and one with the verdict; resolves with whether the goal is met. */
type Run = (context: Platform & { repeats: number; keys: number }) => Promise<boolean>
type Bench = { about: string; load: () => Promise<{ run: Run }> }

const BENCHES: Record<string, Bench> = {
  echo: {
    about: 'G1: from a key to its echo, against kubectl exec -it in the same pod',
    load: () => import('#bench/echo.ts'),
  },
  cold: {
    about: 'G7: from the click to the first prompt, against kubectl making a bare pod',
    load: () => import('#bench/cold.ts'),
  },
  density: {
    about: 'G9: a key’s echo with 20 sandboxes on the node, against one; memory of each',
    load: () => import('#bench/density.ts'),
  },
  verdict: {
    about: 'G10: from a change to its tick in the page, against polling by kubectl; a class of 20',
    load: () => import('#bench/verdict.ts'),
  },
  calls: {
    about: 'G13: calls to the API server for a start, and watches',
    load: () => import('#bench/calls.ts'),
  },
  cycles: {
    about: '100 starts and ends over all profiles, and what they leave on the node',
    load: () => import('#bench/cycles.ts'),
  },
  page: {
    about: 'G15: JavaScript, largest paint, layout shift, Lighthouse and rate of pages, against their budgets',
    load: () => import('#bench/page.ts'),
  },
  prove: {
    about: 'G17: every lab of the curriculum proven, in three rounds',
    load: () => import('#bench/prove.ts'),
  },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeats: { type: 'string', default: '3' }, keys: { type: 'string', default: '1000' } },
})
const all = positionals[0] === 'all'
const names = all ? Object.keys(BENCHES) : positionals
const benches = names.map((name) => BENCHES[name])
if (benches.length === 0 || benches.includes(undefined)) {
  const known = Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  console.error(`usage: npm run bench -- NAME… | all  [--repeats N] [--keys N]\n${known.join('\n')}`)
  process.exit(2)
}
const context = { ...(await openPlatform()), repeats: Number(values.repeats), keys: Number(values.keys) }
let missed = 0
for (const [index, bench] of benches.entries()) {
  try {
    const { run } = (await bench?.load()) ?? {}
    if (!(await run?.(context))) missed++
  } catch (error) {
    missed++
    console.error(`${names[index]}:`, error)
  }
}
if (all) writeFileSync(REPORT, renderReport(toldLines(), aboutThisRun()))
process.exit(missed > 0 ? 1 : 0)
