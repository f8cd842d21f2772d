import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { challengeFrontMatter, courseFile, lessonFrontMatter } from '#lib/content/front-matter.ts'
import { loadLab } from '#lib/content/load-lab.ts'
import { loadSolution } from '#lib/content/load-solution.ts'
import { loadText, type Reference } from '#lib/content/load-text.ts'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import type { Catalogue, Challenge, Course, Lesson } from '#lib/content/types.ts'
import { parseYaml } from '#lib/content/yaml.ts'
import { AppError } from '#lib/errors.ts'
import { closest } from '#lib/labs/closest.ts'

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const LESSON_FOLDER = /^(?<order>\d{2})-(?<slug>[a-z0-9]+(?:-[a-z0-9]+)*)$/

/** What was read of one folder: an item or none, what is wrong, and names that must lead somewhere. */
type Loaded<T> = { item: T | null; problems: ContentProblem[]; references: Reference[] }

/**
 * Reads a content folder. An item with a problem is left out and reported; the others stay. Throws `internal` when the
 * folder itself cannot be read.
 */
export async function loadCatalogue(root: string): Promise<Catalogue> {
  const exists = await stat(root).catch(() => null)
  if (!exists?.isDirectory()) throw new AppError('internal', `there is no content folder at ${root}`)

  const challengeFolders = await foldersIn(root, 'challenges', SLUG, 'a challenge')
  const courseFolders = await foldersIn(root, 'courses', SLUG, 'a course')
  const challenges = await Promise.all(challengeFolders.names.map((slug) => loadChallenge(root, slug)))
  const courses = await Promise.all(courseFolders.names.map((slug) => loadCourse(root, slug)))

  const loaded = [...challenges, ...courses]
  const catalogue: Catalogue = {
    courses: kept(courses).sort((a, b) => a.order - b.order || a.title.localeCompare(b.title, 'en')),
    lessons: kept(courses).flatMap((course) => course.lessons),
    challenges: kept(challenges).sort((a, b) => a.title.localeCompare(b.title, 'en')),
    problems: [challengeFolders, courseFolders, ...loaded].flatMap((part) => part.problems),
  }
  catalogue.problems.push(...loaded.flatMap((part) => strayReferences(part.references, catalogue)))
  return catalogue
}

async function loadCourse(root: string, slug: string): Promise<Loaded<Course>> {
  const file = `courses/${slug}/course.yaml`
  const source = await readContentFile(root, file, 64 * 1024)
  const parsed = 'problem' in source ? { problems: [source.problem] } : parseYaml(source.text, courseFile, { file })
  const folders = await foldersIn(root, `courses/${slug}`, LESSON_FOLDER, 'a lesson')
  const loaded = await Promise.all(folders.names.map((folder) => loadLesson(root, slug, folder)))
  const lessons = kept(loaded)
  const problems = [folders, ...loaded].flatMap((part) => part.problems)
  for (const [index, { id, slug: name }] of lessons.entries()) {
    if (lessons.findIndex((lesson) => lesson.id === id) === index) continue
    problems.push(
      problemAt({ file, line: 1, column: 1 }, `two lessons are called "${name}"`, { expected: 'a name of its own' }),
    )
  }
  const references = loaded.flatMap((part) => part.references)
  if ('problems' in parsed) return { item: null, problems: [...parsed.problems, ...problems], references }
  const own = lessons.filter((lesson, index) => lessons.findIndex(({ id }) => id === lesson.id) === index)
  return { item: { ...parsed.value, slug, lessons: own }, problems, references }
}

async function loadLesson(root: string, course: string, folder: string): Promise<Loaded<Lesson>> {
  const path = `courses/${course}/${folder}`
  const { order = '0', slug = folder } = LESSON_FOLDER.exec(folder)?.groups ?? {}
  const id = `courses/${course}/${slug}`
  const hasLab = (await namesIn(root, path)).includes('lab.yaml')
  const read = hasLab ? await loadLab(root, `${path}/lab.yaml`, id) : { lab: null }
  if ('problems' in read) return { item: null, problems: read.problems, references: [] }
  const { text, problems } = await loadText(
    root,
    `${path}/lesson.md`,
    lessonFrontMatter,
    read.lab?.definition.lab ?? null,
  )
  if (!text) return { item: null, problems, references: [] }
  const item: Lesson = {
    ...text.frontMatter,
    kind: 'lesson',
    id,
    course,
    slug,
    order: Number(order),
    body: text.body,
    lab: read.lab,
  }
  return { item, problems, references: text.references }
}

async function loadChallenge(root: string, slug: string): Promise<Loaded<Challenge>> {
  const path = `challenges/${slug}`
  const id = path
  const read = await loadLab(root, `${path}/lab.yaml`, id)
  if ('problems' in read) return { item: null, problems: read.problems, references: [] }
  const { lab } = read.lab.definition
  const { text, problems } = await loadText(root, `${path}/challenge.md`, challengeFrontMatter, lab)
  const { solution, problems: unsolved } = await loadSolution(root, `${path}/solution`, lab)
  if (!text || unsolved.length > 0) return { item: null, problems: [...problems, ...unsolved], references: [] }
  const item: Challenge = { ...text.frontMatter, kind: 'challenge', id, slug, body: text.body, lab: read.lab, solution }
  return { item, problems, references: text.references }
}

const EXPECTED: Record<string, string> = {
  challenges: 'a challenge that loads',
  courses: 'a lesson that loads',
  record: 'the id of a :::record in a lesson that loads',
}

/** Names that lead nowhere. What mentions them stays: one broken lesson must not take its neighbours along. */
function strayReferences(references: Reference[], { lessons, challenges }: Catalogue): ContentProblem[] {
  const items = [...lessons, ...challenges]
  const records = items.flatMap(({ body }) => Object.keys(body.records).map((id) => `record:${id}`))
  const known = [...items.map(({ id }) => id), ...records]
  return references
    .filter(({ id }) => !known.includes(id))
    .map(({ id, place }) =>
      problemAt(place, `there is no "${id}" in the catalogue`, {
        expected: EXPECTED[/^[a-z]+/.exec(id)?.[0] ?? ''] ?? '',
        suggestion: closest(id, known),
      }),
    )
}

/** The folders below a folder; one with a name that cannot be an address is a problem. */
async function foldersIn(root: string, path: string, pattern: RegExp, what: string) {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.')).map((entry) => entry)
  const problems = folders
    .filter((entry) => !entry.isDirectory() || !pattern.test(entry.name))
    .map((entry) =>
      problemAt({ file: `${path}/${entry.name}`, line: 1, column: 1 }, `this cannot be ${what}`, {
        expected:
          pattern === LESSON_FOLDER
            ? 'a folder such as 01-a-network-of-one'
            : 'a folder named in lower-case words joined by dashes',
      }),
    )
  const names = folders.filter((entry) => entry.isDirectory() && pattern.test(entry.name)).map((entry) => entry.name)
  return { names: names.sort(), problems }
}

async function namesIn(root: string, path: string): Promise<string[]> {
  return readdir(join(root, path)).catch(() => [])
}

function kept<T>(loaded: Loaded<T>[]): T[] {
  return loaded.flatMap(({ item }) => (item ? [item] : []))
}
