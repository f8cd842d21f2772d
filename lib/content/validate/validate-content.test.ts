import { rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { curriculumTable, loadCurriculum } from '#lib/content/validate/curriculum.ts'
import { validateContent } from '#lib/content/validate/validate-content.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

const ONE = 'challenges/one'
const WRONG = '#@ evidence is down\nls\n'
const GOOD = {
  [`${ONE}/checks/up.sh`]: 'not_yet "It is down."\npass "It is up."\n',
  [`${ONE}/wrong/up--a.sh`]: WRONG,
  [`${ONE}/wrong/up--b.sh`]: WRONG,
}

function folder(changes: Record<string, string | null>): string {
  const root = contentFolder({ ...GOOD, ...changes })
  roots.push(root)
  return root
}
async function told(changes: Record<string, string | null>, below = '') {
  const { problems, warnings } = await validateContent(folder(changes), below)
  return [...problems.map(formatProblem), ...warnings.map((problem) => `warning: ${formatProblem(problem)}`)]
}
const kubernetes = (task: string, rest = '', asks = '{}') => ({
  [`${ONE}/lab.yaml`]: `kubernetes: ${asks}\n${rest}tasks:\n  - { id: up, title: T, ${task} }\n`,
  [`${ONE}/solution/01-box.sh`]: null,
  [`${ONE}/solution/01-workstation.sh`]: 'ls\n',
})
const list = (cel: string, rest = '') => `check: { kubernetes: { list: pods, cel: "${cel}" } }${rest}`
const get = (rest: string) => `check: { kubernetes: { get: pods/a, cel: "true" } }${rest}`

test('content without a mistake', async () => {
  expect(await told({})).toEqual([])
  expect(await validateContent(folder({}), ONE)).toMatchObject({ labs: 1, shellchecked: true })
})

test.each([
  [
    'an expression that is true of nothing',
    kubernetes(list('objects.all(o, o.a == 1)')),
    ':3:32: an untouched sandbox passes "up": it is true of no pods at all',
  ],
  [
    'a closed port',
    kubernetes('check: { tcp: { service: a, port: 80, open: false } }'),
    ':3:32: an untouched sandbox passes "up": nothing listens on port 80',
  ],
  [
    'a door that leads nowhere',
    kubernetes('check: { http: { ingress: a.example, port: 80, status: 404 } }', '', '{ ingress: true }'),
    ':3:32: an untouched sandbox passes "up": no Ingress names "a.example"',
  ],
  [
    'a name that is not',
    kubernetes('check: { dns: { name: web, count: 0 } }'),
    ':3:32: an untouched sandbox passes "up": nothing is called "web"',
  ],
  [
    'a script that only passes',
    { [`${ONE}/checks/up.sh`]: '# not_yet\npass "It is up."\n' },
    ':5:12: an untouched sandbox passes "up": checks/up.sh never says not_yet',
  ],
])('luck: %s', async (_name, files, expected) => {
  const tail = '; expected a check of what has to be done, or needs: with a task that has to be done first'
  expect(await told(files)).toEqual([`${ONE}/lab.yaml${expected}${tail}`])
})

test('luck: needs, init and guards', async () => {
  const second = `\n  - { id: on, title: T, ${list('objects.size() == 0', ', needs: [up]')} }\n`
  const wrong = { [`${ONE}/wrong/on--a.sh`]: WRONG, [`${ONE}/wrong/on--b.sh`]: WRONG }
  expect(await told({ ...kubernetes(`${get('')} }${second}`.replace(/ \}\n$/, '')), ...wrong })).toEqual([])
  const init = 'init: [{ id: a, title: T, run: checks/up.sh }]\n'
  expect(await told(kubernetes(list('objects.size() == 0'), init))).toEqual([])
  expect(await told(kubernetes(list('objects.size() == 0', ', kind: guard')))).toEqual([])
  const door = 'check: { http: { ingress: a.example, port: 80 } }'
  expect(await told(kubernetes(door, '', '{ ingress: true }'))).toEqual([])
  expect(await told(kubernetes(get(', kind: guard')))).toEqual([
    `${ONE}/lab.yaml:3:32: the guard "up" does not hold at the start: there is no pods/a; expected a check that holds from the start`,
  ])
})

test('evidence that gives the solution away', async () => {
  const files = {
    [`${ONE}/solution/01-box.sh`]: 'ip address add 10.7.0.2/24 dev veth0\n',
    [`${ONE}/challenge.md`]:
      '---\ntitle: One\nsummary: The one\nlevel: beginner\nminutes: 5\ntopics: [networking]\n---\nOver `veth0`.\n',
    [`${ONE}/checks/up.sh`]: 'x=1\nnot_yet "veth0 $x lacks 10.7.0.2/24"\npass "10.7.0.2/24 is there."\n',
  }
  const [problem, ...others] = await told(files)
  expect(problem).toBe(
    `${ONE}/checks/up.sh:2:1: the evidence gives "10.7.0.2/24" away, which the solution types; expected what was seen, in words that the text has`,
  )
  expect(others).toEqual([])
})

test('names in scripts', async () => {
  const vars = `machines: [{ name: box, profile: root }]\nvars: { port: { int: [1, 2] } }\ntasks:\n  - { id: up, title: T, check: { run: checks/up.sh } }\n`
  expect(
    await told({
      [`${ONE}/lab.yaml`]: vars,
      [`${ONE}/checks/up.sh`]: 'not_yet "$VAR_PORT"\nnot_yet "$VAR_PROT $NEED_A_B"\n',
      [`${ONE}/solution/01-box.sh`]: 'ls {{ vars.prot }}\n',
      [`${ONE}/wrong/up--a.sh`]: '#@ evidence is down\nls {{ vars.x }}\n',
    }),
  ).toEqual([
    `${ONE}/solution/01-box.sh:1:4: the lab declares no variable "prot"; expected one of: port; did you mean port?`,
    'courses/nets/01-first/lesson.md:11:1: there is no "challenges/one" in the catalogue; expected a challenge that loads',
  ])
  expect(
    await told({
      [`${ONE}/lab.yaml`]: vars,
      [`${ONE}/checks/up.sh`]: 'not_yet "$VAR_PORT"\nnot_yet "$VAR_PROT $NEED_A_B"\n',
      [`${ONE}/wrong/up--a.sh`]: '#@ evidence is down\nls {{ vars.x }}\n',
    }),
  ).toEqual([
    `${ONE}/checks/up.sh:2:11: no variable gives VAR_PROT; expected one of: VAR_PORT; did you mean VAR_PORT?`,
    `${ONE}/checks/up.sh:2:21: no need of the task gives NEED_A_B; expected needs: in the task`,
    `${ONE}/wrong/up--a.sh:2:4: the lab declares no variable "x"; expected one of: port`,
  ])
})

test('scripts that shellcheck does not like, and too few misconceptions', async () => {
  const found = await told({ [`${ONE}/checks/up.sh`]: 'not_yet $1\n', [`${ONE}/wrong/up--b.sh`]: null })
  expect(found).toEqual([
    expect.stringContaining(`${ONE}/checks/up.sh:1:9: SC2086:`),
    `warning: ${ONE}/wrong:1:1: "up" is told from 1 misconceptions; expected 2 files such as wrong/up--a-misconception.sh`,
  ])
})

const covers = (lines: string) =>
  `---\ntitle: One\nsummary: The one\nlevel: beginner\nminutes: 5\ntopics: [networking]\nrows: [2]\ncovers: { ${lines} }\n---\nText.\n`
const rows = (done: string) => `rows: [{ row: 2, about: Docker, ${done}items: { runs: it runs, ip: its address } }]\n`

test('the curriculum: items and tasks that are there, and no gap in a row that is done', async () => {
  const files = {
    [`${ONE}/challenge.md`]: covers('2.runs: [up], 2.rnus: [up], 2.ip: [pu]'),
    'curriculum.yaml': rows(''),
  }
  const gap =
    'curriculum.yaml:1:1: row 2: no task for "its address"; expected covers: { 2.ip: [a task] } in a text\'s front matter'
  expect(await told(files)).toEqual([
    `${ONE}/challenge.md:1:1: covers: there is no "2.rnus"; expected an item of curriculum.yaml, e.g. 2.runs; did you mean 2.runs?`,
    `${ONE}/challenge.md:1:1: covers.2.ip: there is no task "pu"; expected one of: up; did you mean up?`,
    `warning: ${gap}`,
  ])
  const done = { [`${ONE}/challenge.md`]: covers('2.runs: [up]'), 'curriculum.yaml': rows('done: true, ') }
  expect(await told(done)).toEqual([gap])
  const root = folder(done)
  const table = curriculumTable(await loadCurriculum(root), await loadCatalogue(root))
  expect(table).toContain('| 2: Docker | `2.runs` it runs | [One](../content/challenges/one/challenge.md): `up` |')
  expect(table).toContain('|  | `2.ip` its address | – |')
})
