import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
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
async function started(nodeEnv: 'development' | 'production') {
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
