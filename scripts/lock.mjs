import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** A process's start time in clock ticks since boot (proc(5)), which tells it from a later one with its pid; '' when gone. */
export function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

/** The pid of the living process that holds the lock file, or null. */
export function lockHolder(file) {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8'))
    return started && startTime(pid) === started ? pid : null
  } catch {
    return null
  }
}

/**
 * Takes the lock for this process and returns its release, or null when a living process holds it. A lock whose
 * process is gone is taken over.
 */
export function takeLock(file) {
  const own = `${file}.${process.pid}`
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startTime(process.pid) }), { mode: 0o600 })
  try {
    for (;;) {
      try {
        linkSync(own, file) // Atomic, and it fails when the name is taken: the file is never seen half-written.
        return () => rmSync(file, { force: true })
      } catch (error) {
        if (error.code !== 'EEXIST') throw error
      }
      if (lockHolder(file) !== null) return null
      removeStale(file, own)
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/** Moves a stale lock aside; if somebody took it anew between our look and our move, gives theirs back. */
function removeStale(file, own) {
  const aside = `${own}.stale`
  try {
    renameSync(file, aside)
    if (lockHolder(aside) !== null) linkSync(aside, file)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(error.code)) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}
