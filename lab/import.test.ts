import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkFor } from '#lab/import/checks.ts'
import { readEducates } from '#lab/import/educates.ts'
import { readKillercoda } from '#lab/import/killercoda.ts'
import { writeLesson } from '#lab/import/write-lesson.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'

const FIXTURES = join(import.meta.dirname, 'import/fixtures')
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drydock-import-'))
})
afterEach(() => rmSync(root, { recursive: true }))

async function imported(kind: 'killercoda' | 'educates') {
  const source = join(FIXTURES, kind)
  const folder = join(root, 'courses/from-elsewhere/01-harbour')
  const left = writeLesson({ killercoda: readKillercoda, educates: readEducates }[kind](source), source, folder)
  const { problems } = await loadCatalogue(root)
  return {
    left,
    read: (file: string) => readFileSync(join(folder, file), 'utf8'),
    problems: problems.map(formatProblem),
  }
}
/** A course of one's own is still to be described. */
const COURSE = [expect.stringContaining('course.yaml')]

test('a Killercoda scenario becomes a lesson that loads, and what is left is named', async () => {
  const { left, read, problems } = await imported('killercoda')
  expect(problems).toEqual(COURSE)
  expect(left).toEqual([
    'step1/text.md: {{TRAFFIC_HOST1_80}}, a page of the machine’s own',
    'step2/look.sh: it ran when "Tie it up" began; here it runs before the lesson',
    'asset *.rope: name each file',
    'solution/ and at least two wrong/ for the task make-a-pier',
    'checks/tie-it-up.sh is to be written: imported/tie-it-up.sh ran on the machine, where a learner could bend it',
    'solution/ and at least two wrong/ for the task tie-it-up',
  ])
  expect(read('lesson.md')).toContain(
    'Type `mkdir /srv/harbour/pier` now.\n\n```sh run=box\nmkdir /srv/harbour/pier\n```\n\n```sh run=box\nls /srv/harbour\n```',
  )
  expect(read('lesson.md')).toContain('```sh copy\nrope\n```')
  expect(read('lesson.md')).toContain(':::task{#make-a-pier}')
  expect(read('checks/make-a-pier.sh')).toContain('in-root --list /srv/harbour/pier')
  expect(read('lab.yaml')).toContain('to: box:/root/boat.txt')
  expect(read('files/boat.txt')).toBe('a boat\n')
})

test('an Educates workshop becomes a lesson that loads, and what is left is named', async () => {
  const { left, read, problems } = await imported('educates')
  expect(problems).toEqual(COURSE)
  expect(left).toEqual([
    'workshop/content/01-first-pod.md: the action dashboard:open-dashboard',
    'workshop/content/01-first-pod.md: the parameter session_namespace, written {{< param session_namespace >}}',
    'checks/boat-is-there.sh is to be written: imported/boat-is-there.sh ran on the machine, where a learner could bend it',
    'solution/ and at least two wrong/ for the task boat-is-there',
  ])
  expect(read('lesson.md')).toContain('```sh run=workstation\nkubectl run boat --image=nginx:1.26\n```')
  expect(read('lesson.md')).toContain("cat >> ~/boat.yaml <<'END'\nkind: Pod\nEND")
  expect(read('lab.yaml')).toContain('run: init/setup-1.sh')
})

test.each([
  ['[ -f /a ]\n', 'in-root --stat /a'],
  ['test -d /a/b && exit 0\n', 'in-root --list /a/b'],
  ["set -e\ngrep -q 'x y' /a || exit 1\n", 'in-root /a'],
])('a check for %j', (script, part) => expect(checkFor(script)).toContain(part))

test.each(['', 'true', '[ -f /a ] && rm -rf /', 'grep -q "$(x)" /a', '[ -f "$HOME/a" ]', 'grep -q `x` /a'])(
  'no check for %j',
  (script) => expect(checkFor(script)).toBeNull(),
)

test('what is no scenario is said', () => {
  expect(() => readKillercoda(root)).toThrow('this is no Killercoda scenario')
  expect(() => readEducates(root)).toThrow('this is no Educates workshop')
})
