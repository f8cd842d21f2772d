import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'

let root: string
beforeEach(() => {
  root = contentFolder()
})
afterEach(() => {
  rmSync(root, { recursive: true })
  vi.unstubAllEnvs()
  vi.resetModules()
})

/** The module as a new process would see it. */
async function started(nodeEnv: 'development' | 'production', authoring = '0') {
  vi.stubEnv('AUTHORING', authoring)
  vi.stubEnv('NODE_ENV', nodeEnv)
  vi.stubEnv('CONTENT_DIR', root)
  vi.stubEnv('DATABASE_URL', 'postgresql://localhost/none')
  vi.stubEnv('NEXTAUTH_URL', 'http://localhost:4200')
  vi.stubEnv('NEXTAUTH_SECRET', 'x'.repeat(32))
  return import('#lib/content/catalogue.ts')
}

function rename(title: string): void {
  const file = join(root, 'courses/nets/course.yaml')
  writeFileSync(file, `title: ${title}\nsummary: S\nlevel: beginner\norder: 1\n`)
  const later = new Date(Date.now() + 60_000)
  utimesSync(file, later, later)
}

test('in production content is read once', async () => {
  const { catalogue } = await started('production')
  const [first, second] = await Promise.all([catalogue(), catalogue()])
  expect(second).toBe(first)
  rename('Renamed')
  expect(await catalogue()).toBe(first)
})

test('in development a saved file is there at the next look', async () => {
  const { catalogue } = await started('development')
  const first = await catalogue()
  expect(await catalogue()).toBe(first)
  rename('Renamed')
  expect((await catalogue()).courses.map(({ title }) => title)).toEqual(['Renamed'])
})

test('a folder that cannot be read is an error, and is looked at again', async () => {
  const { catalogue } = await started('production')
  renameSync(root, `${root}-away`)
  await expect(catalogue()).rejects.toThrow()
  renameSync(`${root}-away`, root)
  await expect(catalogue()).resolves.toMatchObject({ problems: [] })
})

test('items by id; anything else is null', async () => {
  const { challengeOf, labOf, lessonOf } = await started('production')
  expect((await challengeOf('challenges/one'))?.title).toBe('One')
  expect((await lessonOf('courses/nets/first'))?.title).toBe('First')
  expect((await labOf('challenges/one'))?.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(await labOf('courses/nets/first')).toBe(null)
  for (const id of ['', 'one', '../one', '__proto__', 'challenges/one/', 'x'.repeat(1e6)])
    expect(await labOf(id)).toBe(null)
})

test('an author keeps what has a mistake for the moment, as it was', async () => {
  const { catalogue } = await started('production', '1')
  await catalogue()
  const broken = ['challenges/one/challenge.md', 'courses/nets/01-first/lesson.md', 'courses/nets/course.yaml']
  for (const file of broken) {
    const path = join(root, file)
    const text = readFileSync(path, 'utf8')
    const save = (changed: string, seconds: number) => {
      const at = new Date(Date.now() + seconds * 1000)
      writeFileSync(path, changed)
      utimesSync(path, at, at)
    }
    save(text.replace('title:', 'titel:'), broken.indexOf(file) * 10 + 60)
    const { lessons, challenges, courses, problems } = await catalogue()
    expect(problems.map((problem) => problem.file)).toContain(file)
    expect([lessons.length, challenges.length, courses[0]?.lessons.length]).toEqual([1, 1, 1])
    save(text, broken.indexOf(file) * 10 + 65)
    expect((await catalogue()).problems).toEqual([])
  }
  // What is taken away is gone.
  rmSync(join(root, 'challenges/one'), { recursive: true })
  expect((await catalogue()).challenges).toEqual([])
})
