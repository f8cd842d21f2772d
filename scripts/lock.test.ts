import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockHolder, startTime, takeLock } from './lock.mjs'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-lock-'))
  file = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('is held by one at a time, until it is released', () => {
  const release = takeLock(file)
  expect(lockHolder(file)).toBe(process.pid)
  expect(takeLock(file)).toBeNull()
  release?.()
  expect(lockHolder(file)).toBeNull()
  expect(takeLock(file)).not.toBeNull()
})

const stale: [string, string][] = [
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: '12345' })],
  ['a pid that belongs to another process by now', JSON.stringify({ pid: process.pid, started: '1' })],
  ['a process that could not be told apart', JSON.stringify({ pid: process.pid, started: '' })],
  ['a crash half-way', '{"pid": 12'],
]
it.each(stale)('is taken over from %s', (_, content) => {
  writeFileSync(file, content)
  expect(lockHolder(file)).toBeNull()
  expect(takeLock(file)).not.toBeNull()
  expect(lockHolder(file)).toBe(process.pid)
})

it('knows when a process began, if it lives', () => {
  expect(startTime(process.pid)).toMatch(/^\d+$/)
  expect(startTime(2 ** 22 + 1)).toBe('')
})
