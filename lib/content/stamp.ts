import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Changes when any file below `directory` is added, removed or written. */
export async function stampOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const times = await Promise.all(
    entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  )
  return `${entries.length} ${times.reduce((latest, time) => Math.max(latest, time), 0)}`
}
