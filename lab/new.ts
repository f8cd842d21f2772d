import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'

const TEMPLATES = join(import.meta.dirname, 'templates')
const CHALLENGE = /(?:^|\/)challenges\/[a-z0-9]+(?:-[a-z0-9]+)*$/
const LESSON = /(?:^|\/)courses\/[a-z0-9]+(?:-[a-z0-9]+)*\/\d{2}-[a-z0-9]+(?:-[a-z0-9]+)*$/

const templates = readdirSync(TEMPLATES)
const HELP = `npm run lab -- new PATH [--from TEMPLATE]
Writes a challenge that is whole and proven, to be made into yours.
  PATH      …/challenges/NAME, or …/courses/COURSE/NN-NAME for a lesson; words in lower case, joined by dashes
  TEMPLATE  ${templates.join(', ')}; a lesson comes from "lesson", a challenge from "root" unless you say so`

export const run: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { from: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const [path, ...more] = positionals
  if (!path || more.length > 0 || values.help) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const folder = resolve(path)
  const isLesson = LESSON.test(folder)
  if (!isLesson && !CHALLENGE.test(folder)) throw new Error(`${path} cannot be the place of a lab.\n${HELP}`)
  const from = values.from ?? (isLesson ? 'lesson' : 'root')
  if (!templates.includes(from) || isLesson !== (from === 'lesson')) {
    const known = templates.filter((each) => (each === 'lesson') === isLesson).join(', ')
    throw new Error(`there is no template "${from}" for this; there is: ${known}`)
  }
  if (existsSync(folder)) throw new Error(`${path} is there already, and stays as it is`)
  cpSync(join(TEMPLATES, from), folder, { recursive: true })
  entitle(join(folder, isLesson ? 'lesson.md' : 'challenge.md'), titleOf(basename(folder)))
  if (isLesson) describeCourse(dirname(folder))
  const shown = relative(process.cwd(), folder)
  console.log(`${shown} is there. Next:\n  npm run lab -- dev ${shown}\n  npm run lab -- test ${shown}`)
  return 0
}

/** `02-my-first-box`: "My first box". */
function titleOf(name: string): string {
  const words = name.replace(/^\d{2}-/, '').replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function entitle(file: string, title: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^title: .*$/m, `title: ${title}`))
}

/** A course is its folder and this file. */
export function describeCourse(folder: string): void {
  const file = join(folder, 'course.yaml')
  if (existsSync(file)) return
  mkdirSync(folder, { recursive: true })
  const title = titleOf(basename(folder))
  writeFileSync(file, `title: ${title}\nsummary: What ${title} is about.\nlevel: beginner\norder: 10\n`)
}
