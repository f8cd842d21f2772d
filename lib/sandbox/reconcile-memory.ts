/**
 * What one process remembers of a sandbox between ticks, and the one call to the cluster that is made for it beside them.
 * Losing it costs a repeated, idempotent call.
 */
export class Memory {
  /** Since when time counts against its start. */
  since: Date
  /** This process has asked the cluster for it. */
  createdHere = false
  /** Whether the nodes could ever hold it; null until that was measured. */
  fits: boolean | null = null
  #job: Promise<void> | null = null
  #abort = new AbortController()
  // By `performance.now()`.
  #notBefore = 0
  #endedAt = 0

  constructor(now: Date) {
    this.since = now
  }

  get busy(): boolean {
    return this.#job !== null
  }

  /** Whether a row that was read then, by `performance.now()`, may lack what a call has written. */
  outdates(readAt: number): boolean {
    return this.busy || this.#endedAt >= readAt
  }

  /** Starts a call, which must not reject. False when one is under way, or it is too early for another. */
  run(call: (signal: AbortSignal) => Promise<void>, onEnd: () => void): boolean {
    if (this.busy || performance.now() < this.#notBefore) return false
    this.#abort = new AbortController()
    this.#job = call(this.#abort.signal).finally(() => {
      this.#job = null
      this.#endedAt = performance.now()
      onEnd()
    })
    return true
  }

  /** No other call before so many milliseconds have passed. */
  rest(ms: number): void {
    this.#notBefore = performance.now() + ms
  }

  /** Ends the call, where it takes long. */
  abort(): void {
    this.#abort.abort()
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    await this.#job
  }
}
