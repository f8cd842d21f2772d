import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

export type BoundOptions = {
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** What the kernel sends the child when this process dies, however it dies (PR_SET_PDEATHSIG, prctl(2)). */
  deathSignal?: 'TERM' | 'INT' | 'KILL'
  /** File that takes the child's output, appended; without it the output is dropped or goes to `onLine`. */
  log?: string
  onLine?: (line: string) => void
  /** Added to the niceness: 10 leaves the machine to whoever works on it. */
  nice?: number
  ipc?: boolean
  /** The child shares our terminal instead of `log` and `onLine`. */
  inherit?: boolean
}

/**
 * Starts a program that never outlives this process. In a session of its own, so that Ctrl-C in the terminal
 * reaches only us, and we end the parts in order.
 */
export function spawnBound(command: string, args: string[], options: BoundOptions = {}): ChildProcess {
  if (options.log) mkdirSync(dirname(options.log), { recursive: true })
  const log = options.log ? openSync(options.log, 'a', 0o600) : undefined
  const output = options.inherit ? 'inherit' : options.onLine ? 'pipe' : (log ?? 'ignore')
  const nice = options.nice ? ['nice', '-n', String(options.nice)] : []
  const bound = ['--pdeathsig', options.deathSignal ?? 'TERM', '--', ...nice, command, ...args]
  const child = spawn('setpriv', bound, {
    env: options.env ?? process.env,
    ...(options.cwd ? { cwd: options.cwd } : {}),
    stdio: ['ignore', output, output, ...(options.ipc ? (['ipc'] as const) : [])],
    detached: true,
  })
  if (log !== undefined) closeSync(log)
  for (const stream of [child.stdout, child.stderr]) {
    if (stream && options.onLine) createInterface({ input: stream }).on('line', options.onLine)
  }
  return child
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Ends a child, by force after `graceMs`. Resolves when it is gone. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return
  const exit = once(child, 'exit')
  child.kill(signal)
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await exit
  clearTimeout(force)
}

export class CommandFailed extends Error {
  /** The end of what the command said. */
  readonly tail: string
  constructor(what: string, how: string, tail: string) {
    super(`${what} ended with ${how}`)
    this.name = 'CommandFailed'
    this.tail = tail
  }
}

const TAIL_LINES = 25

/** Runs a command to its end; all its output lines come back. Throws CommandFailed, or the abort's reason. */
export async function run(
  command: string,
  args: string[],
  options: Omit<BoundOptions, 'log' | 'inherit'> & { signal?: AbortSignal; allowFailure?: boolean } = {},
): Promise<{ code: number; lines: string[] }> {
  options.signal?.throwIfAborted()
  const lines: string[] = []
  const onLine = (line: string) => {
    lines.push(line)
    options.onLine?.(line)
  }
  const child = spawnBound(command, args, { ...options, onLine })
  // The whole session, as build tools leave the work to children of their own.
  const abort = () => child.pid && process.kill(-child.pid, 'SIGKILL')
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    options.signal?.throwIfAborted()
    if (code !== 0 && !options.allowFailure) {
      throw new CommandFailed([command, ...args].join(' '), String(signal ?? code), lines.slice(-TAIL_LINES).join('\n'))
    }
    return { code: code ?? 1, lines }
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}
