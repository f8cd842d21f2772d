import type { z } from 'zod'
import { renderMarkdown } from '#lib/content/markdown/render.ts'
import { type ContentProblem, type Place, problemAt } from '#lib/content/problem.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import type { Body } from '#lib/content/types.ts'
import { parseYaml } from '#lib/content/yaml.ts'
import type { Lab } from '#lib/labs/schema.ts'

const MAX_TEXT_BYTES = 256 * 1024

/** A name in a text that must lead somewhere in the catalogue. */
export type Reference = { id: string; place: Place }

export type Text<T> = { frontMatter: T; body: Body; references: Reference[] }

/** Reads a text with front matter: all its problems, or all of it. */
export async function loadText<S extends z.ZodType<{ requires: { lessons: string[] } }>>(
  root: string,
  file: string,
  schema: S,
  lab: Lab | null,
): Promise<{ text: Text<z.output<S>>; problems: [] } | { text: null; problems: ContentProblem[] }> {
  const source = await readContentFile(root, file, MAX_TEXT_BYTES)
  if ('problem' in source) return { text: null, problems: [source.problem] }
  const lines = source.text.split(/\r?\n/)
  const end = lines.indexOf('---', 1)
  if (lines[0] !== '---' || end < 0) {
    const expected = 'a first line "---", settings such as title:, and a line "---"'
    return { text: null, problems: [problemAt({ file, line: 1, column: 1 }, 'there is no front matter', { expected })] }
  }
  const front = parseYaml(lines.slice(1, end).join('\n'), schema, { file, firstLine: 2 })
  // Blank lines keep the places of what follows.
  const body = lines.map((line, index) => (index <= end ? '' : line)).join('\n')
  const rendered = await renderMarkdown(body, { root, file, lab })
  if ('problems' in front || rendered.problems.length > 0) {
    return { text: null, problems: ['problems' in front ? front.problems : [], rendered.problems].flat() }
  }
  const lessons = front.value.requires.lessons.map((id, index) => ({
    id,
    place: front.placeOf(['requires', 'lessons', index]),
  }))
  return {
    text: { frontMatter: front.value, body: rendered.body, references: [...rendered.references, ...lessons] },
    problems: [],
  }
}
