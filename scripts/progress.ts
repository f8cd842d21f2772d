import type { Progress } from '#cluster/contract.ts'

const BAR_WIDTH = 20
const NAME_WIDTH = 17
/** Where nobody watches a terminal, the same step is repeated no more often than this. */
const REPEAT_MS = 20_000
const REDRAW_MS = 100

/** Seconds in words, as coarse as an estimate is. */
export function formatLeft(seconds: number | null): string {
  if (seconds === null) return ''
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`
  return `about ${Math.round(seconds / 60)} min left`
}

export function percent({ done, total }: Pick<Progress, 'done' | 'total'>): number {
  return total > 0 ? Math.floor(Math.min(1, Math.max(0, done / total)) * 100) : 0
}

/** What a stage is doing, in words: for a log, a page, or the end of a bar. */
function describeProgress(progress: Progress): string {
  const left = formatLeft(progress.etaSeconds)
  return `${progress.component}: ${progress.step}${left ? ` · ${left}` : ''}`
}

/** One stage as a line of the terminal, never wider than `columns`. */
export function renderStage(stage: string, progress: Progress, columns: number): string {
  const filled = Math.round((percent(progress) / 100) * BAR_WIDTH)
  const bar = '━'.repeat(filled) + '─'.repeat(BAR_WIDTH - filled)
  const line = `${stage.padEnd(NAME_WIDTH)} ${bar} ${String(percent(progress)).padStart(3)} %  ${describeProgress(progress)}`
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`
}

/** A frame around lines, as wide as the longest. */
export function renderBox(lines: string[]): string {
  const width = Math.max(...lines.map((line) => line.length))
  const edge = '─'.repeat(width + 2)
  return [`╭${edge}╮`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `╰${edge}╯`].join('\n')
}

type Output = { write: (text: string) => unknown; isTTY?: boolean; columns?: number }

/**
 * Shows stages that go on at the same time: a block of bars that is redrawn in place on a terminal, plain lines elsewhere.
 * Everything else that is printed meanwhile goes through `say`.
 */
export class ProgressDisplay {
  readonly #output: Output
  readonly #now: () => number
  readonly #stages = new Map<string, Progress>()
  readonly #said = new Map<string, { step: string; atMs: number }>()
  #drawnLines = 0
  #redraw: NodeJS.Timeout | undefined

  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output
    this.#now = now
  }

  update(stage: string, progress: Progress): void {
    this.#stages.set(stage, progress)
    if (this.#output.isTTY) this.#redraw ??= setTimeout(() => this.#draw(), REDRAW_MS)
    else this.#sayStep(stage, progress)
  }

  /** Takes a stage off the display; what came of it is said in a line. */
  finish(stage: string, line?: string): void {
    this.#stages.delete(stage)
    this.#said.delete(stage)
    this.#clear()
    if (line) this.#output.write(`${line}\n`)
    this.#draw()
  }

  say(text: string): void {
    this.#clear()
    this.#output.write(`${text}\n`)
    this.#draw()
  }

  /** Leaves the terminal as it is now. */
  close(): void {
    this.#stages.clear()
    this.#clear()
  }

  #sayStep(stage: string, progress: Progress): void {
    const step = `${progress.component}: ${progress.step}`
    const last = this.#said.get(stage)
    if (last?.step === step && this.#now() - last.atMs < REPEAT_MS) return
    this.#said.set(stage, { step, atMs: this.#now() })
    this.#output.write(`${stage}: ${percent(progress)} % · ${describeProgress(progress)}\n`)
  }

  #clear(): void {
    clearTimeout(this.#redraw)
    this.#redraw = undefined
    if (this.#drawnLines > 0) this.#output.write(`\x1b[${this.#drawnLines}A\r\x1b[J`)
    this.#drawnLines = 0
  }

  #draw(): void {
    this.#clear()
    if (!this.#output.isTTY || this.#stages.size === 0) return
    const columns = this.#output.columns || 80
    const lines = [...this.#stages].map(([stage, progress]) => renderStage(stage, progress, columns))
    this.#output.write(`${lines.join('\n')}\n`)
    this.#drawnLines = lines.length
  }
}
