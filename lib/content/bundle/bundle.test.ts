import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packFolder } from '#lib/content/bundle/pack.ts'
import { unpackFile } from '#lib/content/bundle/unpack.ts'

const LAB = 'lib/content/fixtures/labs/challenges/machine'
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-bundle-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const at = (...path: string[]) => join(folder, ...path)

test('packed twice it is the same bytes; unpacked it is the same folder', async () => {
  cpSync(LAB, at('lab'), { recursive: true })
  const first = await packFolder(at('lab'))
  utimesSync(at('lab/lab.yaml'), 1, 1)
  const second = await packFolder(at('lab'))
  expect(second.digest).toBe(first.digest)
  expect(second.bytes.equals(first.bytes)).toBe(true)

  writeFileSync(at('bundle'), first.bytes)
  expect(await unpackFile(at('bundle'), at('deep/copy'))).toBe(first.files)
  expect((await packFolder(at('deep/copy'))).digest).toBe(first.digest)
  expect(readFileSync(at('deep/copy/lab.yaml'), 'utf8')).toBe(readFileSync(join(LAB, 'lab.yaml'), 'utf8'))
  expect(readdirSync(at('deep'))).toEqual(['copy'])
})

test('what is there stays without --force, and goes as a whole with it', async () => {
  writeFileSync(at('bundle'), (await packFolder(LAB)).bytes)
  await unpackFile(at('bundle'), at('copy'))
  writeFileSync(at('copy/own.txt'), 'mine')
  await expect(unpackFile(at('bundle'), at('copy'))).rejects.toThrow('is not empty; --force replaces')
  expect(readFileSync(at('copy/own.txt'), 'utf8')).toBe('mine')
  await unpackFile(at('bundle'), at('copy'), { force: true })
  expect(existsSync(at('copy/own.txt'))).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['bundle', 'copy'])
})

type Entry = Pick<Header, 'name'> & Partial<Header> & { content?: string }
async function tar(entries: Entry[]): Promise<Buffer> {
  const archive = pack()
  const bytes = buffer(archive)
  for (const { content = '', ...header } of entries) archive.entry(header, content)
  archive.finalize()
  return bytes
}
const GOOD: Entry = { name: 'challenge.md', content: 'x' }

test.each<[string, Entry[], string]>([
  ['an absolute path', [GOOD, { name: '/etc/cron.d/x', content: 'x' }], 'a path that leads elsewhere: "/etc/cron.d/x"'],
  ['a way out', [GOOD, { name: '../x', content: 'x' }], 'a path that leads elsewhere: "../x"'],
  ['a way out further in', [GOOD, { name: 'a/../../x', content: 'x' }], 'a path that leads elsewhere: "a/../../x"'],
  ['a way out as a folder', [GOOD, { name: '../x/', type: 'directory' }], 'a path that leads elsewhere: "../x/"'],
  [
    'a way out for another system',
    [GOOD, { name: 'a\\..\\x', content: 'x' }],
    'a path that leads elsewhere: "a\\\\..\\\\x"',
  ],
  ['a hidden file', [GOOD, { name: '.ssh/config', content: 'x' }], 'a path that leads elsewhere: ".ssh/config"'],
  ['a symbolic link', [GOOD, { name: 'a', type: 'symlink', linkname: '/etc' }], 'the bundle has a symlink in it: a'],
  ['a hard link', [GOOD, { name: 'a', type: 'link', linkname: '/etc/passwd' }], 'the bundle has a link in it: a'],
  ['a device', [GOOD, { name: 'a', type: 'block-device' }], 'the bundle has a block-device in it: a'],
  ['a pipe', [GOOD, { name: 'a', type: 'fifo' }], 'the bundle has a fifo in it: a'],
  ['a file twice', [GOOD, GOOD], 'the bundle has challenge.md twice'],
  ['a file below a file', [GOOD, { name: 'challenge.md/a', content: 'x' }], 'this is no bundle: '],
  ['no lab', [{ name: 'a', content: 'x' }], 'this is no lab'],
  [
    'too many files',
    Array.from({ length: 1001 }, (_, n) => ({ name: `f${n}`, content: '' })),
    'the bundle holds more than 1000 files',
  ],
])('refused: %s', async (_name, entries, expected) => {
  writeFileSync(at('bundle'), gzipSync(await tar(entries)))
  await expect(unpackFile(at('bundle'), at('copy'))).rejects.toThrow(expected)
  expect(readdirSync(folder)).toEqual(['bundle'])
})

/** A header that promises a gigabyte, and the zeros of one, packed to a megabyte. */
async function bomb(header: Entry): Promise<Buffer> {
  const [start] = [(await tar([{ ...header, size: 0 }])).subarray(0, 512)]
  start.write(`${(1024 ** 3).toString(8).padStart(11, '0')} `, 124)
  let sum = 0
  start.write('        ', 148)
  for (const byte of start) sum += byte
  start.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return gzipSync(Buffer.concat([start, Buffer.alloc(128 * 1024 * 1024)]))
}

test('refused: bombs, while they are read', async () => {
  writeFileSync(at('bundle'), await bomb({ name: 'challenge.md' }))
  expect(statSync(at('bundle')).size).toBeLessThan(1024 * 1024)
  await expect(unpackFile(at('bundle'), at('copy'))).rejects.toThrow('the bundle holds more than 67108864 bytes')
  writeFileSync(at('bundle'), await bomb({ name: 'x', type: 'pax-header' as 'file' }))
  await expect(unpackFile(at('bundle'), at('copy'))).rejects.toThrow('this is no bundle: Header exceeds max size')
  expect(readdirSync(folder)).toEqual(['bundle'])
})

test('refused: what is no bundle, or half of one', async () => {
  const whole = (await packFolder(LAB)).bytes
  for (const bytes of [Buffer.from('text'), Buffer.alloc(0), whole.subarray(0, whole.length / 2), gzipSync('text')]) {
    writeFileSync(at('bundle'), bytes)
    await expect(unpackFile(at('bundle'), at('copy'))).rejects.toThrow(/this is no|unexpected|Unexpected/)
  }
  expect(readdirSync(folder)).toEqual(['bundle'])
})

test('links are not packed', async () => {
  cpSync(LAB, at('lab'), { recursive: true })
  symlinkSync('/etc/passwd', at('lab/files/link'))
  await expect(packFolder(at('lab'))).rejects.toThrow('"files/link" is neither a file nor a folder')
})
