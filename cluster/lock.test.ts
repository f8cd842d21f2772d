import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tryLock, withLock } from './lock.ts'
import { identify } from './processes.ts'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'drydock-lock-'))
  path = join(dir, 'lock')
})
afterEach(() => rmSync(dir, { recursive: true }))

test('one holder at a time, and nothing left after', () => {
  const first = tryLock(path)
  expect(first.held).toBe(true)
  expect(tryLock(path)).toMatchObject({ held: false, holder: { pid: process.pid } })
  if (first.held) first.release()
  expect(readdirSync(dir)).toEqual([])
})

test.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' })],
  ['an earlier process of the same pid', JSON.stringify({ pid: process.pid, startTime: '1' })],
  ['nobody legible', 'half a li'],
])('a lock of %s is stale', (_, content) => {
  writeFileSync(path, content)
  expect(tryLock(path).held).toBe(true)
})

test('a lock of a living process is not', () => {
  writeFileSync(path, JSON.stringify(identify(process.ppid)))
  expect(tryLock(path)).toMatchObject({ held: false, holder: { pid: process.ppid } })
})

test('is released when the work fails', async () => {
  await expect(
    withLock(
      path,
      () => Promise.reject(new Error('no')),
      () => undefined,
    ),
  ).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})
