import type { VerdictWord } from '#lib/checks/evaluate.ts'

/** `stableFor`: a pass counts once it was seen without a break for so long. Times are of one monotonic clock, in ms. */
export class StableWindow {
  readonly #lengthMs: number
  /** When the passes began; -Infinity when the window is over and the pass counts. */
  #since: number | null

  /** `counts`: the task passes already, as an earlier process found. */
  constructor(lengthMs: number, counts: boolean) {
    this.#lengthMs = lengthMs
    this.#since = counts ? Number.NEGATIVE_INFINITY : null
  }

  /** The verdict that counts, and after how long it must be looked at again, if nothing changes before. */
  judge(verdict: VerdictWord, now: number): { verdict: VerdictWord; againInMs: number | null } {
    if (verdict !== 'pass') {
      if (verdict === 'not-yet' || this.#since !== Number.NEGATIVE_INFINITY) this.#since = null
      return { verdict, againInMs: null }
    }
    this.#since ??= now
    const left = this.#since + this.#lengthMs - now
    if (left > 0) return { verdict: 'not-yet', againInMs: left }
    this.#since = Number.NEGATIVE_INFINITY
    return { verdict, againInMs: null }
  }

  /** Nothing was seen for a while: a pass that counted stays, a window that was open begins anew. */
  lost(): void {
    if (this.#since !== Number.NEGATIVE_INFINITY) this.#since = null
  }
}
