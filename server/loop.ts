import type { Logger } from 'pino'

/**
 * Runs `work` again and again, one at a time: when woken, and at the latest `everyMs` after the last run. A run that fails
 * is logged and the next one comes; nothing ends the loop but `stop`.
 */
export class Loop {
  readonly #work: () => Promise<void>
  readonly #everyMs: number
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(options: { work: () => Promise<void>; everyMs: number; log: Logger }) {
    this.#work = options.work
    this.#everyMs = options.everyMs
    this.#log = options.log
  }

  start(): void {
    this.wake()
  }

  /** As soon as possible; while a run is under way, right after it. */
  wake(): void {
    if (this.#stopped) return
    if (this.#running) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    this.#running = this.#once()
  }

  /** Resolves when no run is under way and none will come. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #once(): Promise<void> {
    try {
      await this.#work()
    } catch (err) {
      this.#log.error({ err }, 'a run of the loop failed; it goes on')
    }
    this.#running = undefined
    if (this.#stopped) return
    const delayMs = this.#again ? 0 : this.#everyMs
    this.#again = false
    this.#timer = setTimeout(() => this.wake(), delayMs)
  }
}
