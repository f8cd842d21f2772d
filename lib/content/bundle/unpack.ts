import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type Extract, extract, type Header } from 'tar-stream'
import { LIMITS, NAME, refuse } from '#lib/content/bundle/limits.ts'
import { AppError } from '#lib/errors.ts'

const TOO_MUCH = `the bundle holds more than ${LIMITS.bytes} bytes`

/**
 * Unpacks a bundle into a folder of its own, all of it or nothing: plain files and folders only, none outside.
 * @param force replaces what is in the folder
 * @returns how many files there are
 * @throws AppError `invalid-content` for anything that is no bundle of a lab, or too much of one
 */
export async function unpackFile(file: string, folder: string, { force = false } = {}): Promise<number> {
  const target = resolve(folder)
  const there = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (there.length > 0 && !force) refuse(`${folder} is not empty; --force replaces what is in it`)
  await mkdir(dirname(target), { recursive: true })
  const beside = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
  try {
    const unpacked = join(beside, 'new')
    const names = await extractInto(createReadStream(file), unpacked)
    if (!names.some((name) => name === 'lesson.md' || name === 'challenge.md')) {
      refuse('this is no lab: neither lesson.md nor challenge.md is in it')
    }
    if (there.length > 0) await rename(target, join(beside, 'old'))
    else await rm(target, { recursive: true, force: true })
    await rename(unpacked, target)
    return names.length
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

async function extractInto(source: Readable, folder: string): Promise<string[]> {
  const entries = extract()
  let bytes = 0
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      // Header of a thousand files are small beside it.
      if (bytes > LIMITS.bytes * 1.1) done(new AppError('invalid-content', TOO_MUCH))
      else done(null, chunk)
    },
  })
  const names = new Set<string>()
  await mkdir(folder)
  const streaming = pipeline(source, createGunzip(), bounded, entries)
  const writing = writeEntries(entries, folder, names)
  await Promise.all([streaming, writing]).catch((error: Error) => {
    source.destroy()
    entries.destroy()
    if (error instanceof AppError) throw error
    refuse(`this is no bundle: ${error.message}`)
  })
  return [...names]
}

async function writeEntries(entries: Extract, folder: string, names: Set<string>): Promise<void> {
  let bytes = 0
  for await (const entry of entries) {
    const { name, type, size = 0, mode = 0 } = entry.header as Header
    const path = type === 'directory' ? name.replace(/\/$/, '') : name
    if (!NAME.test(path) || path.length > LIMITS.nameChars)
      refuse(`the bundle has a path that leads elsewhere: ${JSON.stringify(name.slice(0, 100))}`)
    if (type === 'directory') {
      entry.resume()
      continue
    }
    if (type !== 'file') refuse(`the bundle has a ${type} in it: ${path}`)
    bytes += size
    if (size > LIMITS.fileBytes || bytes > LIMITS.bytes) refuse(TOO_MUCH)
    if (names.size >= LIMITS.files) refuse(`the bundle holds more than ${LIMITS.files} files`)
    if (names.has(path)) refuse(`the bundle has ${path} twice`)
    names.add(path)
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), await buffer(entry), { flag: 'wx', mode: mode & 0o100 ? 0o755 : 0o644 })
  }
}
