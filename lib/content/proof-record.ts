import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'

/** Beside `challenges` and `courses`: which version of each lab was proven last, and on what. */
export const RECORD_FILE = 'proofs.json'

const recordSchema = z.record(
  z.string(),
  z.strictObject({
    /** Of the whole folder. */
    digest: z.string(),
    /** The day, e.g. 2026-11-21. */
    on: z.iso.date(),
    kubernetes: z.string(),
    /** To solve it by its solution. */
    seconds: z.number(),
  }),
)
export type ProofRecord = z.output<typeof recordSchema>

/** @throws when it is there and not understood */
export async function readRecord(root: string): Promise<ProofRecord> {
  const text = await readFile(join(root, RECORD_FILE), 'utf8').catch(() => '{}')
  return recordSchema.parse(JSON.parse(text))
}

/** 64 hex digits over every file's path and bytes in a folder; hidden files are no content. */
export async function folderDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')))
    .sort()
  const hash = createHash('sha256')
  for (const path of files) {
    const bytes = await readFile(join(folder, path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

/** When this very folder was proven, and on which Kubernetes; null where it was not, or has changed since. */
export type Verified = { on: string; kubernetes: string } | null

/** What the record says of an item's folder, as its files are now. */
export async function readVerified(root: string, id: string, folder: string): Promise<Verified> {
  const proof = (await readRecord(root))[id]
  if (!proof || proof.digest !== (await folderDigest(join(root, folder)))) return null
  return { on: proof.on, kubernetes: proof.kubernetes }
}
