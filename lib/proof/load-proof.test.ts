import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { folderDigest, RECORD_FILE, readVerified } from '#lib/content/proof-record.ts'
import { loadProofs } from '#lib/proof/load-proof.ts'
import { dueProofs, recorded } from '#lib/proof/record.ts'

const load = async (files: Record<string, string>, below = '') => {
  const root = contentFolder(files)
  onTestFinished(() => rmSync(root, { recursive: true }))
  const { proofs, problems } = await loadProofs(root, await loadCatalogue(root), below)
  return { proofs, problems: problems.map(formatProblem) }
}

test('a lab’s proof is its scripts, where they are typed and what they expect', async () => {
  const { proofs, problems } = await load({
    'challenges/one/wrong/up--other.sh': '#@ evidence It is down.\nip link\n',
  })
  expect(problems).toEqual([])
  const [one] = proofs
  expect(one?.id).toBe('challenges/one')
  expect(one?.solution.map(({ place }) => place)).toEqual([{ machine: 'box', terminal: 'main' }])
  expect(one?.wrong.map(({ task, evidence, script }) => [task, evidence, script.file])).toEqual([
    ['up', 'It is down.', 'challenges/one/wrong/up--other.sh'],
  ])
  expect((await load({}, 'courses')).proofs).toEqual([])
  expect((await load({}, 'challenges/one')).proofs.length).toBe(1)
  expect((await load({}, 'challenges/on')).proofs).toEqual([])
})

test.each([
  [
    'a wrong/ for an unknown task',
    'upp--x.sh',
    '#@ evidence E\nls\n',
    'there is no task "upp"; expected one of up; did you mean up?',
  ],
  ['a wrong/ that names no misconception', 'up.sh', 'ls\n', '"up.sh" names no misconception'],
  ['a wrong/ that expects nothing', 'up--x.sh', 'ls\n', 'it does not say what the learner reads'],
  ['a script that types nothing', 'up--x.sh', '#@ evidence E\n', 'nothing is typed'],
])('%s is refused', async (_, name, text, message) => {
  const { problems } = await load({ [`challenges/one/wrong/${name}`]: text })
  expect(problems.join()).toContain(message)
})

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-proof-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a digest is of every path and byte, and of no hidden file', async () => {
  const folder = temporary()
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'a', 'b'), 'text')
  const first = await folderDigest(folder)
  writeFileSync(join(folder, '.swp'), 'x')
  symlinkSync('/etc/passwd', join(folder, 'link'))
  expect(await folderDigest(folder)).toBe(first)
  writeFileSync(join(folder, 'a', 'b'), 'texd')
  expect(await folderDigest(folder)).not.toBe(first)
})

const provable = (id: string, digest: string, ...profiles: string[]) =>
  ({
    id,
    digest,
    lab: { definition: { lab: { machines: profiles.map((profile) => ({ profile })) } } },
  }) as never as Parameters<typeof dueProofs>[0][number]
const entry = (digest: string, seconds: number) => ({ digest, seconds, on: '2026-11-21', kubernetes: 'v1' })

test('what changed is due, and the quickest lab of each profile that is not among it', () => {
  const labs = [
    provable('a', 'new', 'root'),
    provable('b', 'b', 'root'),
    provable('c', 'c', 'kubernetes'),
    provable('d', 'd', 'kubernetes', 'root'),
    provable('e', 'e', 'shell'),
  ]
  const record = { a: entry('old', 1), b: entry('b', 1), c: entry('c', 9), d: entry('d', 5), e: entry('e', 2) }
  expect(dueProofs(labs, record).map(({ id }) => id)).toEqual(['a', 'e', 'd'])
  expect(dueProofs(labs, {}).length).toBe(5)
})

test('only what passed is recorded, and what is gone is not', () => {
  const summary = { passed: 1, flakes: [], readySeconds: 1, solvedSeconds: 2.34 }
  const labs = [
    { ...summary, labId: 'a', failed: 0 },
    { ...summary, labId: 'b', failed: 1 },
  ]
  const report = { at: '2026-11-22T00:00:00Z', kubernetes: 'v2', rounds: 1, atOnce: 1, seconds: 1, labs }
  const before = { b: entry('old', 1), gone: entry('x', 1) }
  expect(recorded(before, [provable('a', 'A'), provable('b', 'B')], report)).toEqual({
    a: { digest: 'A', on: '2026-11-22', kubernetes: 'v2', seconds: 2.3 },
    b: entry('old', 1),
  })
})

test('a folder is verified as long as it is what was proven', async () => {
  const root = temporary()
  mkdirSync(join(root, 'challenges/one'), { recursive: true })
  writeFileSync(join(root, 'challenges/one/lab.yaml'), 'a')
  const verified = () => readVerified(root, 'challenges/one', 'challenges/one')
  expect(await verified()).toBeNull()
  const proof = { on: '2026-11-21', kubernetes: 'v1.36.3', seconds: 2 }
  const digest = await folderDigest(join(root, 'challenges/one'))
  writeFileSync(join(root, RECORD_FILE), JSON.stringify({ 'challenges/one': { ...proof, digest } }))
  expect(await verified()).toEqual({ on: '2026-11-21', kubernetes: 'v1.36.3' })
  writeFileSync(join(root, 'challenges/one/lab.yaml'), 'b')
  expect(await verified()).toBeNull()
})
