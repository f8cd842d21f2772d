import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Imported, idOf, machineOf, type Section } from '#lab/import/imported.ts'

/** docs.educates.dev, "Workshop definition" */
const workshop = z.looseObject({
  spec: z.looseObject({ title: z.string(), description: z.string().optional() }),
})
const action = z.looseObject({
  command: z.string().optional(),
  text: z.string().optional(),
  file: z.string().optional(),
  name: z.string().optional(),
  title: z.string().optional(),
})
const FENCE = /^(?<ticks>```+)(?<kind>[a-z]+:[a-z-]+)\n(?<body>[\s\S]*?)\n?\k<ticks>[ \t]*$/gm
const PARAMETER = /\{\{<\s*param\s+"?(\w+)"?\s*>\}\}|\{\{\s*(\w+)\s*\}\}|%(\w+)%/g

/** Reads an Educates workshop: `resources/workshop.yaml`, `workshop/content`, `workshop/setup.d`, `workshop/examiner/tests`. */
export function readEducates(folder: string): Imported {
  const definition = join(folder, 'resources/workshop.yaml')
  if (!existsSync(definition)) throw new Error(`there is no ${definition}: this is no Educates workshop`)
  const { spec } = workshop.parse(parse(readFileSync(definition, 'utf8')))
  const left: string[] = []
  // A session has a namespace of its own, whatever the workshop is about.
  const profile = 'kubernetes'
  const content = join(folder, 'workshop/content')
  const pages = existsSync(content) ? readdirSync(content, { recursive: true, encoding: 'utf8' }) : []
  const sections = pages
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => pageOf(folder, join('workshop/content', file), machineOf({ profile }), left))
  const setup = join(folder, 'workshop/setup.d')
  const init = (existsSync(setup) ? readdirSync(setup).sort() : []).map((file, index) => ({
    id: `setup-${index + 1}`,
    title: 'Preparing the machine',
    script: readFileSync(join(setup, file), 'utf8'),
  }))
  const summary = spec.description?.trim().split(/\n\s*\n/)[0] || spec.title
  return { title: spec.title, summary, profile, sections, init, files: [], left }
}

function pageOf(folder: string, file: string, machine: string, left: string[]): Section {
  const source = readFileSync(join(folder, file), 'utf8')
  const [, front = '', body = source] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(source) ?? []
  const { title = titleOf(file) } = z.looseObject({ title: z.string().optional() }).parse(parse(front) ?? {})
  let check: Section['check'] = null
  const text = body.replace(FENCE, (_whole, ticks, kind, written) => {
    const { command, text: typed, file: path, name } = action.parse(parse(written) ?? {})
    switch (kind) {
      case 'terminal:execute':
      case 'terminal:execute-all':
        return `${ticks}sh run=${machine}\n${command ?? ''}\n${ticks}`
      case 'workshop:copy':
      case 'workshop:copy-and-edit':
        return `${ticks}sh copy\n${typed ?? ''}\n${ticks}`
      case 'editor:append-lines-to-file':
        return `${ticks}sh run=${machine}\ncat >> ${path} <<'END'\n${(typed ?? '').trimEnd()}\nEND\n${ticks}`
      case 'examiner:execute-test': {
        const script = name ? join(folder, 'workshop/examiner/tests', name) : ''
        if (check || !name || !existsSync(script)) left.push(`${file}: the test ${name ?? ''}`)
        else check = { id: idOf(name, 'check'), script: readFileSync(script, 'utf8') }
        return ''
      }
      default:
        left.push(`${file}: the action ${kind}`)
        return ''
    }
  })
  for (const [written, hugo, jinja, percent] of text.matchAll(PARAMETER)) {
    left.push(`${file}: the parameter ${hugo ?? jinja ?? percent}, written ${written}`)
  }
  return { title, text: text.trim(), check }
}

const titleOf = (file: string): string => {
  const words = basename(file, '.md')
    .replace(/^\d+[-_]/, '')
    .replace(/[-_]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
