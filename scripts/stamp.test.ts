import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hashFiles, listFiles, readStamp, writeStamp } from './stamp.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drydock-stamp-'))
  mkdirSync(join(root, 'lib/deep'), { recursive: true })
  for (const [file, text] of [
    ['lib/a.ts', 'a'],
    ['lib/deep/b.ts', 'b'],
    ['lib/b.test.ts', 'test'],
    ['one.json', '{}'],
  ] as const) {
    writeFileSync(join(root, file), text)
  }
})
afterEach(() => rmSync(root, { recursive: true }))

const inputs = ['lib', 'one.json', 'missing']
const hash = () =>
  hashFiles(
    root,
    listFiles(root, inputs, (path) => path.endsWith('.test.ts')),
  )

it('lists files and what is below folders, once and in order', () => {
  expect(listFiles(root, ['one.json', 'lib', 'lib/deep', 'missing'])).toEqual([
    'lib/a.ts',
    'lib/b.test.ts',
    'lib/deep/b.ts',
    'one.json',
  ])
})

it('changes with any content or name, and with nothing else', () => {
  const before = hash()
  writeFileSync(join(root, 'lib/b.test.ts'), 'another test')
  writeFileSync(join(root, 'other.txt'), 'not an input')
  writeFileSync(join(root, 'lib/a.ts'), 'a')
  expect(hash()).toBe(before)
  writeFileSync(join(root, 'lib/a.ts'), 'A')
  const changed = hash()
  expect(changed).not.toBe(before)
  writeFileSync(join(root, 'lib/c.ts'), '')
  expect(hash()).not.toBe(changed)
})

it('tells a file’s end from the next one’s start', () => {
  writeFileSync(join(root, 'lib/a.ts'), 'ab')
  writeFileSync(join(root, 'lib/deep/b.ts'), '')
  const before = hash()
  writeFileSync(join(root, 'lib/a.ts'), 'a')
  writeFileSync(join(root, 'lib/deep/b.ts'), 'b')
  expect(hash()).not.toBe(before)
})

it('remembers a stamp; a missing one is empty', () => {
  const file = join(root, 'stamp')
  expect(readStamp(file)).toBe('')
  writeStamp(file, 'abc')
  expect(readStamp(file)).toBe('abc')
})
