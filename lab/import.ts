import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { readEducates } from '#lab/import/educates.ts'
import type { Imported } from '#lab/import/imported.ts'
import { readKillercoda } from '#lab/import/killercoda.ts'
import { writeLesson } from '#lab/import/write-lesson.ts'
import { describeCourse } from '#lab/new.ts'

const READERS: Record<string, (folder: string) => Imported> = { killercoda: readKillercoda, educates: readEducates }
const HELP = `npm run lab -- import ${Object.keys(READERS).join('|')} FROM TO
Makes a lesson of somebody's scenario, and lists what could not be taken over.
  FROM  the scenario's folder
  TO    …/courses/COURSE/NN-NAME, which must not be there yet`
const LESSON = /\/courses\/[a-z0-9-]+\/\d{2}-[a-z0-9-]+$/

export const run: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  })
  const [kind = '', from, to, ...more] = positionals
  const reader = READERS[kind]
  if (!reader || !from || !to || more.length > 0 || values.help) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  if (!existsSync(from) || !statSync(from).isDirectory()) throw new Error(`${from} is no folder`)
  const folder = resolve(to)
  if (!LESSON.test(folder)) throw new Error(`${to} cannot be the place of a lesson.\n${HELP}`)
  if (existsSync(folder)) throw new Error(`${to} is there already, and stays as it is`)
  const todo = writeLesson(reader(resolve(from)), resolve(from), folder)
  describeCourse(dirname(folder))
  console.log(`${to} is written. Left for you:\n${todo.map((one) => `  - ${one}`).join('\n')}`)
  return 0
}
