import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

function folder(changes: Record<string, string | null> = {}): string {
  const root = contentFolder(changes)
  roots.push(root)
  return root
}
const load = (changes: Record<string, string | null> = {}) => loadCatalogue(folder(changes))
const problems = async (changes: Record<string, string | null>) => (await load(changes)).problems.map(formatProblem)
const problemsOf = async (file: string, text: string) =>
  (await problems({ [file]: text })).filter((line) => line.startsWith(file))

const LAB = 'challenges/one/lab.yaml'
const TEXT = 'challenges/one/challenge.md'
const front = (lines: string) =>
  `---\ntitle: One\nsummary: The one\nlevel: beginner\nminutes: 5\ntopics: [networking]\n${lines}---\nText.\n`
const tasks = (lines: string) => `machines: [{ name: box, profile: root }]\ntasks:\n${lines}`
const task = (id: string, rest = '') => `  - { id: ${id}, title: T, check: { run: checks/up.sh }${rest} }\n`

test('a folder becomes a catalogue', async () => {
  const { courses, lessons, challenges, problems } = await load()
  expect(problems).toEqual([])
  expect(courses).toMatchObject([{ slug: 'nets', title: 'Nets', prerequisites: [] }])
  expect(courses[0]?.lessons).toEqual(lessons)
  expect(lessons).toMatchObject([{ id: 'courses/nets/first', course: 'nets', slug: 'first', order: 1, lab: null }])
  expect(challenges).toMatchObject([
    {
      id: 'challenges/one',
      lab: { definition: { scripts: { 'checks/up.sh': 'pass "It is up."\n' } } },
      solution: { steps: [{ machine: 'box', terminal: 'main', script: 'ip link\n' }], text: null },
    },
  ])
})

test('an item with a problem is left out, the others stay', async () => {
  const { courses, lessons, challenges, problems } = await load({
    'courses/nets/02-second/lesson.md': 'no front matter',
    'challenges/two/lab.yaml': '[',
  })
  expect([courses.length, lessons.length, challenges.length]).toEqual([1, 1, 1])
  expect(problems.map(({ file }) => file).sort()).toEqual([
    'challenges/two/lab.yaml',
    'courses/nets/02-second/lesson.md',
  ])
})

test('an empty folder is an empty catalogue, a missing one an error', async () => {
  const root = folder()
  rmSync(join(root, 'courses'), { recursive: true })
  rmSync(join(root, 'challenges'), { recursive: true })
  expect(await loadCatalogue(root)).toEqual({ courses: [], lessons: [], challenges: [], problems: [] })
  await expect(loadCatalogue(join(root, 'none'))).rejects.toThrow('there is no content folder')
})

test.each([
  [
    'a misspelt key',
    front('minuts: 5\n'),
    ':7:1: unknown key "minuts"; expected one of: title, summary, level, minutes, topics, tags, sources, authors, requires, rows, covers; did you mean minutes?',
  ],
  [
    'a word out of a list',
    front('').replace('beginner', 'beginer'),
    ':4:8: "level" is "beginer"; expected one of: beginner, intermediate, advanced; did you mean beginner?',
  ],
  ['a wrong type', front('').replace('minutes: 5', 'minutes: soon'), ':5:10: "minutes" is "soon"; expected a number'],
  ['a list that is none', front('rows: 7\n'), ':7:7: "rows" is 7; expected a list'],
  [
    'broken YAML',
    front('tags: [a\n'),
    ':7:9: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['a key twice', front('title: Two\n'), ':7:1: Map keys must be unique'],
  [
    'no front matter',
    'Text.\n',
    ':1:1: there is no front matter; expected a first line "---", settings such as title:, and a line "---"',
  ],
  [
    'a stray lesson',
    front('requires: { lessons: [courses/nets/frist] }\n'),
    ':7:23: there is no "courses/nets/frist" in the catalogue; expected a lesson that loads; did you mean courses/nets/first?',
  ],
  [
    'an unsafe source',
    front('sources: [{ title: T, author: A, url: "javascript:alert(1)" }]\n'),
    ':7:39: "sources[0].url" is "javascript:alert(1)"; expected a url',
  ],
])('front matter: %s', async (_name, text, expected) => {
  expect(await problemsOf(TEXT, text)).toEqual([TEXT + expected])
})

test('a missing setting is told once, and not at all beside its misspelling', async () => {
  expect(await problems({ [TEXT]: front('').replace('title: One\n', '') })).toContain(
    `${TEXT}:2:1: "title" is missing; expected text`,
  )
  const misspelt = await problems({ [TEXT]: front('').replace('title:', 'titel:') })
  expect(misspelt.filter((line) => line.includes('title'))).toEqual([expect.stringContaining('unknown key "titel"')])
})

test.each([
  [
    'a misspelt key deep inside',
    tasks('  - { id: up, titel: T, check: { run: checks/up.sh } }\n'),
    ':3:15: unknown key "titel"; expected one of: id, title, kind, prompt, on, needs, mode, check, evidence; did you mean title?',
  ],
  [
    'a bad id',
    tasks(task('Up')),
    ':3:11: "tasks[0].id" is "Up"; expected lower-case letters, digits and dashes, starting with a letter',
  ],
  [
    'an unknown machine',
    tasks(task('up', ', on: bux')),
    ':3:59: there is no machine "bux"; expected one of: box; did you mean box?',
  ],
  [
    'an unknown need',
    tasks(task('up') + task('on', ', needs: [upp]')),
    ':4:63: there is no task "upp"; expected one of: up, on; did you mean up?',
  ],
  [
    'needs in a circle',
    tasks(task('a', ', needs: [c]') + task('b', ', needs: [a]') + task('c', ', needs: [b]')),
    ':3:61: these tasks wait for each other: a → c → b → a; expected needs that end',
  ],
  [
    'a task that needs itself',
    tasks(task('a', ', needs: [a]')),
    ':3:61: these tasks wait for each other: a → a; expected needs that end',
  ],
  ['a task twice', tasks(task('up') + task('up')), ':4:11: "up" is named twice; expected a name of its own'],
  [
    'hints for nobody',
    `${tasks(task('up'))}hints: { upp: [x] }\n`,
    ':4:10: there is no task "upp"; expected one of: up; did you mean up?',
  ],
  [
    'no task',
    'machines: [{ name: box, profile: root }]\ntasks: []\n',
    ':2:8: "tasks" is too short; expected at least 1 entry',
  ],
  [
    '51 tasks',
    tasks(Array.from({ length: 51 }, (_, index) => task(`t${index}`)).join('')),
    ':3:3: "tasks" is too long; expected at most 50 entries',
  ],
  [
    'a profile that is none',
    'machines: [{ name: box, profile: rot }]\ntasks: [{ id: up, title: T, check: { run: checks/up.sh } }]\n',
    ':1:34: "machines[0].profile" is "rot"; expected one of: shell, root, engine, kubernetes; did you mean root?',
  ],
  [
    'a duration that is none',
    `time: { budget: 45 min }\n${tasks(task('up'))}`,
    ':1:17: "time.budget" is "45 min"; expected a whole number and a unit, e.g. "90s", "45m" or "2h"',
  ],
  [
    'a duration too long',
    `time: { budget: 9h }\n${tasks(task('up'))}`,
    ':1:17: "time.budget" is "9h"; expected at most 8h',
  ],
  [
    'a path out of the folder',
    tasks('  - { id: up, title: T, check: { run: ../up.sh } }\n'),
    ':3:39: "tasks[0].check.run" is "../up.sh"; expected a path inside the lab\'s folder, e.g. "checks/running.sh"',
  ],
  [
    'a missing script',
    tasks('  - { id: up, title: T, check: { run: checks/no.sh } }\n'),
    ':3:39: checks/no.sh: the file is missing; expected a text file',
  ],
  [
    'braces without quotes',
    tasks('  - { id: up, title: {{ vars.name }}, check: { run: checks/up.sh } }\n'),
    ':3:22: braces begin a map in YAML; expected braces inside quotes; did you mean "{{ vars.name }}"?',
  ],
  [
    'an alias bomb',
    `a: &a [x]\n${Array.from({ length: 9 }, (_, n) => `${'bcdefghij'[n]}: &${'bcdefghij'[n]} [${`*${'abcdefghi'[n]}, `.repeat(9)}]\n`).join('')}`,
    ':2:8: the YAML repeats itself by more than 50 aliases, or by one that leads nowhere; expected values written out',
  ],
  [
    'nesting without end',
    `a: ${'['.repeat(60_000)}`,
    ':1:1: the YAML is nested too deeply; expected a flat list of settings',
  ],
  [
    'an oversize file',
    `# ${'x'.repeat(256 * 1024)}\n`,
    ':1:1: the file has 262147 bytes; expected at most 262144 bytes',
  ],
  ['nothing', '', ':1:1: "the file" is empty; expected a map of settings'],
  ['not a map', '- a\n', ':1:1: "the file" is a list; expected a map of settings'],
])('lab.yaml: %s', async (_name, text, expected) => {
  expect(await problemsOf(LAB, text)).toEqual([LAB + expected])
})

test('with several machines a task says which one', async () => {
  const two = tasks(task('up')).replace('}]', '}, { name: web, profile: root }]')
  expect(await problems({ [LAB]: two })).toContain(
    `${LAB}:3:5: task "up" does not say on which machine; expected on: one of box, web`,
  )
})

test('no link leads out of the content folder', async () => {
  const elsewhere = folder()
  const root = folder()
  cpSync(join(root, 'challenges/one'), join(root, 'challenges/two'), { recursive: true })
  rmSync(join(root, 'challenges/two/checks/up.sh'))
  symlinkSync(join(elsewhere, 'challenges/one/checks/up.sh'), join(root, 'challenges/two/checks/up.sh'))
  symlinkSync(join(elsewhere, 'challenges'), join(root, 'challenges/three'))
  const found = (await loadCatalogue(root)).problems.map(formatProblem)
  expect(found).toEqual([
    'challenges/three:1:1: this cannot be a challenge; expected a folder named in lower-case words joined by dashes',
    'challenges/two/lab.yaml:5:19: checks/up.sh: the file is reached through a link; expected a plain file in its own folder',
  ])
})

test('a linked folder of checks is refused, too', async () => {
  const root = folder()
  const other = folder()
  rmSync(join(other, 'challenges/one/checks'), { recursive: true })
  symlinkSync(join(root, 'challenges/one/checks'), join(other, 'challenges/one/checks'))
  expect((await loadCatalogue(other)).problems.map(({ message }) => message)).toContain(
    'checks/up.sh: the file is reached through a link',
  )
})

test('bytes that are not UTF-8 are told', async () => {
  const root = folder()
  writeFileSync(join(root, TEXT), Buffer.from([0x2d, 0x2d, 0x2d, 0xff]))
  expect((await loadCatalogue(root)).problems.map(formatProblem)).toContain(
    `${TEXT}:1:1: the file is not UTF-8 text; expected UTF-8`,
  )
})

test('solutions: none, and one for a machine that is not there', async () => {
  expect(await problems({ 'challenges/one/solution/01-box.sh': null })).toContain(
    'challenges/one/solution:1:1: there is no solution; expected at least one file such as solution/01-box.sh',
  )
  expect(await problems({ 'challenges/one/solution/02-web.sh': 'ls\n' })).toContain(
    'challenges/one/solution/02-web.sh:1:1: "02-web.sh" is no step of a solution; expected NN-<machine>[-<terminal>].sh with a machine of the lab (box), or README.md',
  )
})

test('a card that leads nowhere is told, and the lesson stays', async () => {
  const text = '---\ntitle: F\nsummary: S\nlevel: beginner\nminutes: 5\ntopics: [a]\n---\n\n::challenge{#oen}\n'
  const { lessons, problems: found } = await load({ 'courses/nets/01-first/lesson.md': text })
  expect(lessons).toHaveLength(1)
  expect(found.map(formatProblem)).toEqual([
    'courses/nets/01-first/lesson.md:9:1: there is no "challenges/oen" in the catalogue; expected a challenge that loads; did you mean challenges/one?',
  ])
})

test('two lessons with one name: the first stays', async () => {
  const { lessons, problems: found } = await load({ 'courses/nets/02-first/lesson.md': front('') })
  expect(lessons.map(({ order }) => order)).toEqual([1])
  expect(found.map(({ message }) => message)).toEqual(['two lessons are called "first"'])
})
