import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type ComponentStatus = {
  name: string
  pid: number | null
  restarts: number
  since: string
  lastExit: string | null
}

const BACKOFF_MS = { first: 250, most: 10_000 }
/** A component that ran this long is taken for healthy: its next crash waits the shortest time again. */
const HEALTHY_AFTER_MS = 30_000
const LOG_LIMIT_BYTES = 32 * 1024 * 1024

/** How long to wait before restart number `crashes` in a row (from 1), in ms. */
export function restartDelayMs(crashes: number): number {
  return Math.min(BACKOFF_MS.first * 2 ** (crashes - 1), BACKOFF_MS.most)
}

/** Keeps components running: starts them with their output in a log file, and again when they end. */
export class Supervisor {
  readonly #logDir: string
  readonly #statusFile: string
  readonly #statuses = new Map<string, ComponentStatus>()
  readonly #log: (line: string) => void

  constructor(options: { logDir: string; statusFile: string; log: (line: string) => void }) {
    this.#logDir = options.logDir
    this.#statusFile = options.statusFile
    this.#log = options.log
    setInterval(() => this.#boundLogs(), 30_000).unref()
  }

  start(name: string, command: string[]): void {
    this.#statuses.set(name, { name, pid: null, restarts: 0, since: new Date().toISOString(), lastExit: null })
    this.#run(name, command, 0)
  }

  #run(name: string, command: string[], crashes: number): void {
    const startedAt = Date.now()
    const child = this.#spawn(name, command)
    this.#update(name, { pid: child.pid ?? null, since: new Date().toISOString() })
    let ended = false
    const onEnd = (how: string) => {
      if (ended) return
      ended = true
      const inARow = Date.now() - startedAt > HEALTHY_AFTER_MS ? 1 : crashes + 1
      const delayMs = restartDelayMs(inARow)
      this.#log(`${name} ended with ${how}, starting again in ${delayMs} ms`)
      const restarts = (this.#statuses.get(name)?.restarts ?? 0) + 1
      this.#update(name, { pid: null, restarts, lastExit: how })
      setTimeout(() => this.#run(name, command, inARow), delayMs)
    }
    child.on('error', (error) => onEnd(error.message))
    child.on('exit', (code, signal) => onEnd(String(signal ?? code)))
  }

  #spawn(name: string, [file = '', ...args]: string[]): ChildProcess {
    // Appending, so that truncating the file later leaves no hole.
    const log = openSync(join(this.#logDir, `${name}.log`), 'a', 0o640)
    const child = spawn(file, args, { stdio: ['ignore', log, log] })
    closeSync(log)
    return child
  }

  #update(name: string, change: Partial<ComponentStatus>): void {
    const status = this.#statuses.get(name)
    if (status) Object.assign(status, change)
    writeFileSync(this.#statusFile, JSON.stringify([...this.#statuses.values()], null, 2))
  }

  #boundLogs(): void {
    for (const name of this.#statuses.keys()) {
      const file = join(this.#logDir, `${name}.log`)
      if (statSync(file).size > LOG_LIMIT_BYTES) truncateSync(file)
    }
  }
}
