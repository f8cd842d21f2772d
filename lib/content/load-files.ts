import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContentProblem, type Place, problemAt } from '#lib/content/problem.ts'
import type { Lab, LabFile } from '#lib/labs/schema.ts'

/** Stored with each version of a lab, and sent to a machine in one request. */
const MAX_BYTES = 1024 * 1024
const MAX_FILES = 500
const MAX_DEPTH = 8

type Entries = NonNullable<Lab['files']>
type Found = Map<string, { size: number; executable: boolean }>

/** Reads what `files` names below the lab's folder: bytes of any kind, but plain files only. */
export async function loadFiles(
  root: string,
  folder: string,
  entries: Entries,
  placeOf: (path: PropertyKey[]) => Place,
): Promise<{ files: Record<string, LabFile>; problems: ContentProblem[] }> {
  const found: Found = new Map()
  const problems: ContentProblem[] = []
  for (const [index, { from }] of entries.entries()) {
    const problem = (await linkIn(root, folder, from)) ?? (await collect(join(root, folder), from, found))
    if (problem) problems.push(problemAt(placeOf(['files', index, 'from']), ...problem))
  }
  const bytes = [...found.values()].reduce((sum, { size }) => sum + size, 0)
  if (bytes > MAX_BYTES) {
    const expected = `at most ${MAX_BYTES} bytes`
    problems.push(problemAt(placeOf(['files']), `the files have ${bytes} bytes`, { expected }))
  }
  const files: Record<string, LabFile> = {}
  if (problems.length > 0) return { files, problems }
  for (const [name, { executable }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = await readFile(join(root, folder, name))
    files[name] = { base64: content.toString('base64'), mode: executable ? '0755' : '0644' }
  }
  return { files, problems }
}

type Told = [message: string, rest: { expected: string }]

/** The way from the lab's folder to what is named, without links. */
async function linkIn(root: string, folder: string, from: string): Promise<Told | null> {
  const steps = from.split('/')
  for (let length = 1; length < steps.length; length++) {
    const status = await lstat(join(root, folder, ...steps.slice(0, length))).catch(() => null)
    if (status?.isSymbolicLink()) return refusal(from, 'the file is reached through a link')
  }
  return null
}

/** Adds a file, or all files of a folder; says what is wrong with the first that cannot be taken. */
async function collect(base: string, name: string, found: Found, depth = 0): Promise<Told | null> {
  const status = await lstat(join(base, name)).catch(() => null)
  if (!status) return refusal(name, 'the file is missing')
  if (status.isSymbolicLink()) return refusal(name, 'the file is a link')
  if (status.isFile()) {
    if (found.size >= MAX_FILES) return refusal(name, `there are more than ${MAX_FILES} files`)
    found.set(name, { size: status.size, executable: (status.mode & 0o100) !== 0 })
    return null
  }
  if (!status.isDirectory()) return refusal(name, 'this is neither a file nor a folder')
  if (depth >= MAX_DEPTH) return refusal(name, `the folder is more than ${MAX_DEPTH} deep`)
  for (const inner of (await readdir(join(base, name))).sort()) {
    if (!/^[\w@+-][\w.@+-]*$/.test(inner)) return refusal(`${name}/${inner}`, 'the name cannot be used here')
    const problem = await collect(base, `${name}/${inner}`, found, depth + 1)
    if (problem) return problem
  }
  return null
}

const refusal = (name: string, message: string): Told => [
  `${name}: ${message}`,
  { expected: 'plain files named in letters, digits and . _ @ + -' },
]
