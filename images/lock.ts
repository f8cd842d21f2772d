import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Holds an exclusive lock on `file` until the returned function is called or this process is gone, however it went: the kernel's own
 * lock (flock(1)), kept by a child that ends with our end of its pipe. So there is no stale lock to tell from a live one.
 * `onWait` is called once if somebody else holds it.
 */
export async function holdLock(
  file: string,
  options: { signal: AbortSignal; onWait: () => void },
): Promise<() => Promise<void>> {
  options.signal.throwIfAborted()
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Out of reach of Ctrl-C: the lock is let go after the clean-up, not before.
    detached: true,
  })
  const release = () => holder.kill('SIGKILL')
  options.signal.addEventListener('abort', release, { once: true })
  const ended = once(holder, 'close')
  const waiting = setTimeout(options.onWait, 200)
  try {
    await Promise.race([
      once(holder.stdout, 'data'),
      ended.then(() => {
        options.signal.throwIfAborted()
        throw new Error(`The lock ${file} could not be taken.`)
      }),
    ])
  } finally {
    clearTimeout(waiting)
    options.signal.removeEventListener('abort', release)
  }
  return async () => {
    holder.stdin.end()
    await ended
  }
}
