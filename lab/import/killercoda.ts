import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Imported, idOf, machineOf, type Section } from '#lab/import/imported.ts'

const part = z.looseObject({
  title: z.string().optional(),
  text: z.string().optional(),
  verify: z.string().optional(),
  foreground: z.string().optional(),
  background: z.string().optional(),
})
const asset = z.object({ file: z.string(), target: z.string(), chmod: z.string().optional() })
/** github.com/killercoda/scenario-examples, `index.json` */
const scenario = z.looseObject({
  title: z.string(),
  description: z.string().optional(),
  details: z.looseObject({
    intro: part.optional(),
    steps: z.array(part).default([]),
    finish: part.optional(),
    assets: z.record(z.string(), z.array(asset)).optional(),
  }),
  backend: z.looseObject({ imageid: z.string() }).optional(),
})
const FENCE = /^(?<ticks>```+)\w*\n(?<code>[\s\S]*?)\n\k<ticks>(?:\{\{(?<verb>exec|execute|copy)[^}]*\}\})?[ \t]*$/gm
const INLINE = /`([^`\n]+)`\{\{(?:exec|execute)[^}]*\}\}/g

/** Reads a Killercoda scenario: `index.json` and the files it names. */
export function readKillercoda(folder: string): Imported {
  const { title, description = '', details, backend } = scenario.parse(json(join(folder, 'index.json')))
  const left: string[] = []
  const profile = backend?.imageid.startsWith('kubernetes') ? 'kubernetes' : 'root'
  const machine = machineOf({ profile })
  const init: Imported['init'] = []
  const read = (file: string | undefined): string => {
    if (!file) return ''
    if (existsSync(join(folder, file))) return readFileSync(join(folder, file), 'utf8')
    left.push(`index.json names ${file}, which is not there`)
    return ''
  }
  const sectionOf = (one: z.output<typeof part>, name: string, index: number): Section => {
    for (const kind of ['background', 'foreground'] as const) {
      const script = read(one[kind])
      if (!script) continue
      if (index > 0) left.push(`${one[kind]}: it ran when "${name}" began; here it runs before the lesson`)
      init.push({ id: `${kind}-${index}`, title: 'Preparing the machine', script })
    }
    const check = read(one.verify)
    const text = commandsOf(read(one.text), machine, one.text ?? name, left)
    return { title: name, text, check: check ? { id: idOf(name, `step-${index}`), script: check } : null }
  }
  const { intro, steps, finish, assets = {} } = details
  const sections = [
    ...(intro ? [sectionOf(intro, intro.title ?? 'Before you begin', 0)] : []),
    ...steps.map((step, index) => sectionOf(step, step.title ?? `Step ${index + 1}`, index + 1)),
    ...(finish ? [sectionOf(finish, finish.title ?? 'What you have reached', steps.length + 1)] : []),
  ]
  const files = Object.entries(assets).flatMap(([host, some]) => {
    if (host !== 'host01') left.push(`assets of ${host}: there is one machine here`)
    return host === 'host01' ? some.flatMap((one) => fileOf(one, left)) : []
  })
  return { title, summary: description || title, profile, sections, init, files, left }
}

function fileOf({ file, target, chmod }: z.output<typeof asset>, left: string[]): Imported['files'] {
  if (/[*?]/.test(file)) {
    left.push(`asset ${file}: name each file`)
    return []
  }
  const executable = chmod !== undefined && /x|[1357]/.test(chmod)
  const name = file.split('/').at(-1) ?? file
  return [{ from: `assets/${file}`, to: `${target.replace(/\/$/, '')}/${name}`, mode: executable ? '0755' : null }]
}

/** `{{exec}}` fences run here, too; what is clicked within a line becomes a fence below it. */
function commandsOf(text: string, machine: string, place: string, left: string[]): string {
  for (const [port] of text.matchAll(/\{\{TRAFFIC_[^}]*\}\}/g))
    left.push(`${place}: ${port}, a page of the machine’s own`)
  const fences = text.replace(FENCE, (_whole, ticks, code, verb) => {
    const info = verb === 'copy' ? 'sh copy' : verb ? `sh run=${machine}` : 'text'
    return `${ticks}${info}\n${code}\n${ticks}`
  })
  return fences
    .split(/\n{2,}/)
    .map((paragraph) => {
      if (paragraph.startsWith('```')) return paragraph
      const commands = [...paragraph.matchAll(INLINE)].map(
        ([, command]) => `\n\n\`\`\`sh run=${machine}\n${command}\n\`\`\``,
      )
      return paragraph.replace(INLINE, '`$1`') + commands.join('')
    })
    .join('\n\n')
}

function json(file: string): unknown {
  if (!existsSync(file)) throw new Error(`there is no ${file}: this is no Killercoda scenario`)
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}
