import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { sleep } from './exec.ts'
import { identify, isAlive, type ProcessIdentity } from './processes.ts'

function readHolder(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return null
  }
}

/** Takes the lock file for this process, or says who holds it. A lock whose process is gone is stale and taken over. */
export function tryLock(path: string): { held: true; release: () => void } | { held: false; holder: ProcessIdentity } {
  const own = `${path}.${process.pid}`
  writeFileSync(own, JSON.stringify(identify(process.pid)))
  try {
    for (;;) {
      try {
        // link(2) is atomic and fails when the name is taken: the file is never seen half-written.
        linkSync(own, path)
        return { held: true, release: () => rmSync(path, { force: true }) }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const holder = readHolder(path)
      if (holder && isAlive(holder)) return { held: false, holder }
      removeStale(path, own)
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/** Moves a stale lock aside; if somebody took it anew between our look and our move, gives theirs back. */
function removeStale(path: string, own: string): void {
  const aside = `${own}.stale`
  try {
    renameSync(path, aside)
    const holder = readHolder(aside)
    if (holder && isAlive(holder)) linkSync(aside, path)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Runs `work` while holding the lock, waiting for it as long as its holder lives. */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: (holder: ProcessIdentity) => void,
): Promise<T> {
  for (;;) {
    const lock = tryLock(path)
    if (lock.held) {
      try {
        return await work()
      } finally {
        lock.release()
      }
    }
    onWait(lock.holder)
    await sleep(500)
  }
}
