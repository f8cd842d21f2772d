import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FatalError, waitFor } from './exec.ts'
import type { GuardianMessage, GuardianOptions } from './guardian.ts'
import { INSTANCE_ENV, type Instance } from './instance.ts'

export const BOOT_TIMEOUT_MS = 180_000

/** The launcher's handle on the process that watches over the node (guardian.ts). */
export class Guardian {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  /** Resolves when the node's namespaces are there. */
  readonly started: Promise<void>
  /** Rejects when the node ends by itself; never resolves. */
  readonly failed: Promise<never>
  #failure: Error | null = null

  constructor(instance: Instance, options: GuardianOptions) {
    mkdirSync(instance.logDir, { recursive: true })
    const output = openSync(join(instance.logDir, 'node.log'), 'a')
    this.#child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./guardian.ts', import.meta.url)), JSON.stringify(options)],
      {
        detached: true,
        cwd: '/',
        stdio: ['ignore', output, output, 'ipc'],
        env: nodeEnvironment(instance),
      },
    )
    closeSync(output)
    this.#ended = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    this.failed = new Promise((_, reject) => {
      const fail = (message: string) => {
        this.#failure ??= new Error(message)
        reject(this.#failure)
      }
      this.#child.on('message', (message: GuardianMessage) => message.type === 'failed' && fail(message.message))
      this.#child.once('error', (error) => fail(error.message))
      this.#child.once('exit', () => fail('the node ended'))
    })
    this.failed.catch(() => undefined)
    const started = new Promise<void>((resolve) => {
      this.#child.on('message', (message: GuardianMessage) => message.type === 'node-started' && resolve())
    })
    this.started = Promise.race([started, this.failed])
  }

  waitFor<T>(what: string, probe: () => Promise<T | null | undefined | false>): Promise<T> {
    const watched = async () => {
      if (this.#failure) throw new FatalError(this.#failure.message)
      return probe()
    }
    return waitFor(what, watched, { timeoutMs: BOOT_TIMEOUT_MS, intervalMs: 25 })
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send('stop')
    await this.#ended
  }

  detach(): void {
    if (this.#child.connected) this.#child.send('detach', () => this.#child.disconnect())
    this.#child.unref()
  }
}

/** What node processes need of this environment; settings of this process's own Node would reach them otherwise. */
function nodeEnvironment(instance: Instance): NodeJS.ProcessEnv {
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin', HOME = '/root', NODE_ENV = 'production' } = process.env
  return { PATH, HOME, NODE_ENV, LANG: 'C.UTF-8', [INSTANCE_ENV]: instance.id }
}
