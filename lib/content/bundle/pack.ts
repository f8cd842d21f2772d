import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { LIMITS, NAME, refuse } from '#lib/content/bundle/limits.ts'

/**
 * A lab's folder as one file (tar, gzip): the same bytes for the same files, whoever packs them and when.
 * @returns the bytes, and their SHA-256 in hex
 * @throws AppError `invalid-content` for links, devices, names that cannot be used everywhere, and too much
 */
export async function packFolder(folder: string): Promise<{ bytes: Buffer; digest: string; files: number }> {
  const found = await filesIn(folder)
  const archive = pack()
  const packed = buffer(archive)
  let size = 0
  for (const { name, executable } of found) {
    const content = await readFile(join(folder, name))
    size += content.length
    if (size > LIMITS.bytes) refuse(`the folder has more than ${LIMITS.bytes} bytes`)
    archive.entry({ name, mode: executable ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0 }, content)
  }
  archive.finalize()
  const bytes = await promisify(gzip)(await packed, { level: 9 })
  // The system it was made on, which changes nothing about it.
  bytes[9] = 255
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex'), files: found.length }
}

async function filesIn(folder: string, below = ''): Promise<{ name: string; executable: boolean }[]> {
  const found: { name: string; executable: boolean }[] = []
  for (const entry of (await readdir(join(folder, below))).sort()) {
    const name = below === '' ? entry : `${below}/${entry}`
    if (!NAME.test(name) || name.length > LIMITS.nameChars) refuse(`"${name}" cannot be packed under this name`)
    const status = await lstat(join(folder, name))
    if (status.isDirectory()) found.push(...(await filesIn(folder, name)))
    else if (!status.isFile()) refuse(`"${name}" is neither a file nor a folder`)
    else if (status.size > LIMITS.fileBytes) refuse(`"${name}" has more than ${LIMITS.fileBytes} bytes`)
    else found.push({ name, executable: (status.mode & 0o100) !== 0 })
    if (found.length > LIMITS.files) refuse(`the folder has more than ${LIMITS.files} files`)
  }
  return found
}
