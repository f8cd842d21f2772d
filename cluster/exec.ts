import { spawn } from 'node:child_process'

export type ExecOptions = { env?: NodeJS.ProcessEnv; cwd?: string; input?: string; timeoutMs?: number }

/** Runs a command to its end and returns its stdout; rejects with the end of its output when it fails. */
export function exec(command: string, args: string[], options: ExecOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr?.on('data', (chunk) => {
      stderr = `${stderr}${chunk}`.slice(-8192)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      const output = (stderr || stdout).trim().slice(-2000)
      reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${output}`))
    })
    child.stdin?.end(options.input)
  })
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Calls `probe` until it returns a value other than null, undefined or false; a throwing probe counts as "not yet". */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  options: { timeoutMs: number; intervalMs?: number },
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value !== null && value !== undefined && value !== false) return value
    } catch (error) {
      if (error instanceof FatalError) throw error
      last = error
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not happen within ${options.timeoutMs / 1000} s`, { cause: last })
    }
    await sleep(options.intervalMs ?? 50)
  }
}

/** Ends a `waitFor` at once: waiting longer cannot help. */
export class FatalError extends Error {}
