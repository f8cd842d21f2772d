import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

export class CommandFailed extends Error {
  readonly tail: string
  constructor(command: string, how: string, tail: string, options?: ErrorOptions) {
    super(`${command}: ${how}`, options)
    this.name = 'CommandFailed'
    this.tail = tail
  }
}

/** Output lines kept to explain a failure. */
const TAIL_LINES = 20

/**
 * Runs a program in mount and process namespaces of its own, so that nothing of it outlives it: when it ends, is aborted, or this
 * process dies in any way, the kernel ends every descendant and drops every mount. Output is appended to `log`.
 */
export async function runContained(
  command: string,
  args: readonly string[],
  options: {
    log: string
    signal: AbortSignal
    env?: Record<string, string>
    cwd?: string
    onLine?: (line: string) => void
  },
): Promise<void> {
  options.signal.throwIfAborted()
  const log = createWriteStream(options.log, { flags: 'a' })
  log.write(`$ ${[command, ...args].join(' ')}\n`)
  const contained = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--',
  ]
  const child = spawn('setpriv', [...contained, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
  })
  const kill = () => child.kill('SIGKILL')
  options.signal.addEventListener('abort', kill, { once: true })
  const tail: string[] = []
  const readers = [child.stdout, child.stderr].map((stream) => {
    let rest = ''
    const line = (text: string) => {
      if (tail.push(text) > TAIL_LINES) tail.shift()
      options.onLine?.(text)
    }
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      log.write(chunk)
      const lines = (rest + chunk).split(/\r?\n|\r/)
      rest = lines.pop() ?? ''
      lines.forEach(line)
    })
    return () => rest && line(rest)
  })
  try {
    // 'close' comes when the last descendant has let go of the pipes, not merely when the first process ended.
    const [code, killedBy] = await once(child, 'close')
    for (const flush of readers) flush()
    options.signal.throwIfAborted()
    if (code !== 0)
      throw new CommandFailed(command, killedBy ? `ended by ${killedBy}` : `exit code ${code}`, tail.join('\n'))
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof CommandFailed) throw error
    throw new CommandFailed(command, 'could not be started', String(error), { cause: error })
  } finally {
    options.signal.removeEventListener('abort', kill)
    log.end()
  }
}
