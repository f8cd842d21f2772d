import { readdirSync, readFileSync } from 'node:fs'

/** A process told apart from a later one with the same pid by its start time (clock ticks since boot, proc(5)). */
export type ProcessIdentity = { pid: number; startTime: string }

/** The fields of /proc/PID/stat after the command name, which may itself hold spaces and parentheses. */
export function parseStat(stat: string): { state: string; ppid: number; startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '?', ppid: Number(fields[1]), startTime: fields[19] ?? '' }
}

function readStat(pid: number) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return null
  }
}

export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid)
  return stat && { pid, startTime: stat.startTime }
}

/** Whether exactly this process still runs; a zombie does not. */
export function isAlive(identity: ProcessIdentity | null | undefined): boolean {
  if (!identity) return false
  const stat = readStat(identity.pid)
  return stat !== null && stat.startTime === identity.startTime && stat.state !== 'Z' && stat.state !== 'X'
}

export function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

export function childrenOf(pid: number): number[] {
  return listPids().filter((candidate) => readStat(candidate)?.ppid === pid)
}

/** A file of /proc/PID, or '' when the process is gone. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Kills this very process; one that is gone already is success. */
export function kill(identity: ProcessIdentity | null | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (!identity || !isAlive(identity)) return
  try {
    process.kill(identity.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
