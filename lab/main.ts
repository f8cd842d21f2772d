/** `npm run lab -- COMMAND`: the author's tools. Each command is a file of its own. */
import type { Command } from '#lab/command.ts'

const COMMANDS: Record<string, { about: string; load: () => Promise<{ run: Command }> }> = {
  new: {
    about: 'PATH    writes a challenge or a lesson that is whole, to be made into yours',
    load: () => import('#lab/new.ts'),
  },
  dev: {
    about: 'PATH    opens the platform and follows the files of a lab while you write it',
    load: () => import('#lab/dev.ts'),
  },
  validate: {
    about: 'PATH…   says what is wrong with content, without a sandbox',
    load: () => import('#lab/validate.ts'),
  },
  import: {
    about: 'KIND FROM TO   makes a lesson of a Killercoda scenario or an Educates workshop',
    load: () => import('#lab/import.ts'),
  },
  pack: {
    about: 'FOLDER  writes a lesson or a challenge into one file',
    load: () => import('#lab/pack.ts'),
  },
  unpack: {
    about: 'FILE FOLDER   takes it out again',
    load: () => import('#lab/unpack.ts'),
  },
  export: {
    about: 'ID      gives a lesson or a challenge of the catalogue back as one file',
    load: () => import('#lab/export.ts'),
  },
  schema: {
    about: '        writes JSON Schemas, the reference and the curriculum’s table',
    load: () => import('#lab/schema.ts'),
  },
  test: {
    about: 'PATH…   proves labs in real sandboxes: fresh, solution, wrong/, the lesson’s commands',
    load: () => import('#lab/test.ts'),
  },
  prove: {
    about: 'proves what changed of content/, and one lab for each profile: npm run prove',
    load: () => import('#lab/prove.ts'),
  },
  mutate: {
    about: 'PATH…   leaves out each step of a solution: would the proof notice?',
    load: () => import('#lab/mutate.ts'),
  },
  reports: {
    about: '[ID]    what learners reported of checks',
    load: () => import('#lab/reports.ts'),
  },
}

const [name = '', ...args] = process.argv.slice(2)
const command = COMMANDS[name]
if (!command) {
  const known = Object.entries(COMMANDS).map(([each, { about }]) => `  ${each.padEnd(10)} ${about}`)
  console.error(`usage: npm run lab -- COMMAND …\n${known.join('\n')}\nEach explains itself with --help.`)
  process.exit(2)
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(130)
    console.error('\nStopping … (Ctrl-C again stops at once)')
    stopping.abort(new Error('stopped'))
  })
}
let code = 1
try {
  const { run } = await command.load()
  code = await run(args, stopping.signal)
} catch (error) {
  if (stopping.signal.aborted) console.error('Stopped.')
  else console.error(error instanceof Error ? error.message : error)
}
process.exit(stopping.signal.aborted ? 130 : code)
