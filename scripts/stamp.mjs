import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Every file below the paths (files or folders; missing ones count for nothing), relative to `root`, in a fixed order.
 * @param {string} root
 * @param {string[]} paths
 * @param {(path: string) => boolean} ignore
 * @returns {string[]}
 */
export function listFiles(root, paths, ignore = () => false) {
  /** @type {string[]} */
  const found = []
  const visit = (/** @type {string} */ path) => {
    if (ignore(path)) return
    const full = join(root, path)
    if (!existsSync(full)) return
    let entries
    try {
      entries = readdirSync(full, { withFileTypes: true })
    } catch (error) {
      if (error.code !== 'ENOTDIR') throw error
      found.push(path)
      return
    }
    for (const entry of entries) {
      if (entry.isDirectory() || entry.isFile()) visit(join(path, entry.name))
    }
  }
  for (const path of paths) visit(path)
  return [...new Set(found)].sort()
}

/**
 * SHA-256 over the names and contents of files, so that it changes with anything that matters and nothing else.
 * @param {string} root
 * @param {string[]} files
 */
export function hashFiles(root, files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const content = readFileSync(join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} file */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}

/**
 * @param {string} file
 * @param {string} hash
 */
export function writeStamp(file, hash) {
  writeFileSync(file, `${hash}\n`)
}
