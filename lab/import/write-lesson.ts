import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { checkFor } from '#lab/import/checks.ts'
import { type Imported, machineOf, type Section } from '#lab/import/imported.ts'

const EMPTY = '# shellcheck shell=bash\nnot_yet "This check is still to be written."\n'

/** Writes a lesson with its lab. @returns what is left for its author, each with its place */
export function writeLesson(imported: Imported, source: string, folder: string): string[] {
  const { title, summary, profile, sections, init, files, left } = imported
  const machine = machineOf(imported)
  const todo = [...left]
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const checked = sections.flatMap(({ title: of, check }) => (check ? [{ title: of, ...check }] : []))
  const tasks = checked.map(({ id, title: of, script }) => {
    const check = checkFor(script)
    put(`checks/${id}.sh`, check ?? EMPTY)
    if (!check) {
      put(`imported/${id}.sh`, script)
      todo.push(`checks/${id}.sh is to be written: imported/${id}.sh ran on the machine, where a learner could bend it`)
    }
    todo.push(`solution/ and at least two wrong/ for the task ${id}`)
    return { id, title: of.slice(0, 120), check: { run: `checks/${id}.sh` } }
  })
  if (tasks.length === 0) todo.push('lab.yaml needs a task: the scenario verified nothing')
  for (const step of init) put(`init/${step.id}.sh`, step.script)
  const placed = files.filter(({ from }) => {
    const there = existsSync(join(source, from))
    if (!there) todo.push(`${from}: the file is not there`)
    return there
  })
  for (const { from } of placed) cpSync(join(source, from), join(folder, from.replace(/^assets/, 'files')))
  const lab = {
    ...(profile === 'kubernetes' ? { kubernetes: {} } : { machines: [{ name: machine, profile }] }),
    ...(placed.length > 0 && {
      files: placed.map(({ from, to, mode }) => ({
        from: from.replace(/^assets/, 'files'),
        to: `${machine}:${to}`,
        ...(mode && { mode }),
      })),
    }),
    ...(init.length > 0 && {
      init: init.map(({ id, title: of }, index) => ({
        id,
        title: of,
        run: `init/${id}.sh`,
        ...(index > 0 && { needs: [init[index - 1]?.id] }),
      })),
    }),
    tasks,
  }
  put('lab.yaml', stringify(lab))
  const front = stringify({
    title: title.slice(0, 80),
    summary: summary.slice(0, 240),
    level: 'beginner',
    minutes: 15,
    topics: ['imported'],
  })
  put('lesson.md', `---\n${front}---\n\n${sections.map(textOf).join('\n\n')}\n`)
  return todo
}

/** Headings begin at the second level here, and the first one is the section's own. */
function textOf({ title, text, check }: Section): string {
  const body = text
    .replace(/^# .*\n+/, '')
    .replace(/^#(?=#* )/gm, '##')
    .trim()
  const task = check ? `\n\n:::task{#${check.id}}\nThe examiner looks at it.\n:::` : ''
  return `## ${title}\n\n${body}${task}`
}
