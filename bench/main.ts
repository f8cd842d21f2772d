/** `npm run bench -- NAME`: measures goals of the design on the platform that `npm start` runs in this checkout. */
import { parseArgs } from 'node:util'
import { openPlatform, type Platform } from '#bench/platform.ts'
import { endSandbox, startSandbox, untilState } from '#bench/sandbox.ts'

type Options = { repeats: number; keys: number }
/** Prints a JSON line for each arm and one with the ratio; resolves with whether the goal is met. */
type Bench = { about: string; run: (platform: Platform, options: Options) => Promise<boolean> }

const BENCHES: Record<string, Bench> = {
  cold: {
    about: 'G7: from the click to the first prompt, against kubectl making a bare pod',
    run: async (platform, { repeats }) => (await import('#bench/cold.ts')).run({ ...platform, repeats }),
  },
  echo: {
    about: 'G1: from a key to its echo, against kubectl exec -it in the same pod',
    run: async (platform, options) => {
      const { run } = await import('#bench/echo.ts')
      const { id, machines } = await startSandbox(platform, platform.labId)
      const machine = machines[0]
      const terminal = machine?.terminals[0]
      if (!machine || !terminal) throw new Error('the lab has no terminal')
      try {
        await untilState(platform, id, 'ready')
        return await run({ ...platform, ...options, sandboxId: id, machine: machine.name, terminal })
      } finally {
        await endSandbox(platform, id)
      }
    },
  },
  verdict: {
    about: 'G10: from a change to its tick in the page, against polling by kubectl',
    run: async (platform, { repeats }) => (await import('#bench/verdict.ts')).run({ ...platform, repeats }),
  },
  page: {
    about: 'G15: JavaScript, largest paint and layout shift of pages, against their budgets',
    run: async (platform, { repeats }) => (await import('#bench/page.ts')).run({ ...platform, repeats }),
  },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeats: { type: 'string', default: '3' }, keys: { type: 'string', default: '1000' } },
})
const names = positionals[0] === 'all' ? Object.keys(BENCHES) : positionals
const benches = names.map((name) => BENCHES[name])
if (benches.length === 0 || benches.includes(undefined)) {
  const known = Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  console.error(`usage: npm run bench -- NAME… | all  [--repeats N] [--keys N]\n${known.join('\n')}`)
  process.exit(2)
}
const platform = await openPlatform()
let missed = 0
for (const bench of benches) {
  const met = await bench?.run(platform, { repeats: Number(values.repeats), keys: Number(values.keys) })
  if (!met) missed++
}
process.exit(missed > 0 ? 1 : 0)
