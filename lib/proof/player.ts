import { keyBytes } from '#lib/proof/keys.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import type { Place, ProofSandbox, ProofTerminal } from '#lib/proof/proof-port.ts'
import type { Script, Step } from '#lib/proof/script.ts'
import { Shell } from '#lib/proof/shell.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** Longest that is waited, in milliseconds: for a machine, for a line to give its prompt back, for a verdict to follow. */
export type Patience = { readyMs: number; lineMs: number; verdictMs: number }
export const PATIENCE: Patience = { readyMs: 300_000, lineMs: 60_000, verdictMs: 60_000 }

export type PlayerOptions = {
  sandbox: ProofSandbox
  patience: Patience
  signal: AbortSignal
  onStep: (step: string) => void
}

/** Milliseconds that each step of a script took, by file and line; a mutated run grants about as much. */
export type Timings = Map<string, number>
const stepKey = (script: Script, step: Step): string => `${script.file}:${step.line}`

type Opened = { shell: Shell; terminal: Promise<ProofTerminal> }

/** Types into a sandbox's terminals as a learner does, and waits for what the examiner says. */
export class Player {
  readonly timings: Timings = new Map()
  /** When the last line was typed. */
  lastLineAt = new Date()
  readonly #options: PlayerOptions
  readonly #opened = new Map<string, Opened>()
  #view: SandboxView | undefined

  constructor(options: PlayerOptions) {
    this.#options = options
  }

  /** @throws ProofFailure with the screen, at the first step that does not come about */
  async play(script: Script): Promise<void> {
    let place = script.place
    for (const step of script.steps) {
      const began = performance.now()
      this.#options.onStep(`${script.file}:${step.line}`)
      if (step.kind === 'on') place = step.place
      else await this.#step(place, step)
      this.timings.set(stepKey(script, step), performance.now() - began)
    }
  }

  async #step(place: Place, step: Exclude<Step, { kind: 'on' }>): Promise<void> {
    if (step.kind === 'line') for (const line of step.text.split('\n')) await this.type(place, line)
    else if (step.kind === 'keys') await this.press(place, step.keys)
    else if (step.kind === 'see') await this.see(place, step.text)
    else if (step.kind === 'wait') await this.passed(step.task)
    else await this.#answer(place, step)
  }

  /** Types a line once the terminal asks for one. What it starts may stay in the foreground. */
  async type(place: Place, line: string): Promise<void> {
    await this.prompt(place)
    this.typeAhead(place, line)
  }

  /** Types a line whatever the screen shows. */
  typeAhead(place: Place, line: string): void {
    const { shell, terminal } = this.#open(place)
    shell.typed()
    void terminal.then(
      ({ input }) => input(Buffer.from(`${line}\r`)),
      () => undefined,
    )
    this.lastLineAt = new Date()
  }

  async press(place: Place, keys: string[]): Promise<void> {
    const { input } = await this.#open(place).terminal
    for (const key of keys) input(Buffer.from(keyBytes(key) ?? ''))
    this.lastLineAt = new Date()
  }

  /** Types a line and resolves with what it printed. */
  async ask(place: Place, line: string): Promise<string> {
    await this.type(place, line)
    return this.prompt(place)
  }

  /** Resolves when the terminal asks for a line, with what the last one printed. */
  async prompt(place: Place, limitMs = this.#options.patience.lineMs): Promise<string> {
    const { shell, terminal } = this.#open(place)
    await terminal
    const last = () => shell.latest.split('\n')[0]?.trim() ?? ''
    await this.#wait(
      limitMs,
      () => shell.asks,
      () => `the prompt did not come back after "${last()}"`,
    )
    this.lastLineAt = new Date()
    return shell.answer ?? ''
  }

  async see(place: Place, text: string): Promise<void> {
    const { shell, terminal } = this.#open(place)
    await terminal
    const { lineMs } = this.#options.patience
    await this.#wait(
      lineMs,
      () => shell.latest.includes(text),
      () => `"${text}" did not come to the screen`,
    )
  }

  passed(task: string): Promise<SandboxView> {
    return this.until(`task ${task} did not pass`, (view) =>
      view.tasks.some((one) => one.id === task && one.verdict === 'pass'),
    )
  }

  /** Resolves with the first view of which it is true. @throws ProofFailure with `otherwise` */
  async until(
    otherwise: string,
    holds: (view: SandboxView) => boolean | Promise<boolean>,
    limitMs = this.#options.patience.verdictMs,
  ): Promise<SandboxView> {
    let view: SandboxView | undefined
    await this.#wait(
      limitMs,
      async () => {
        view = this.#view = await this.#options.sandbox.view()
        const { state, reason } = view
        if (state === 'failed' || state === 'lost' || state === 'ended')
          throw this.#failure(`the sandbox is ${state}: ${reason}`)
        return holds(view)
      },
      () => otherwise,
    )
    if (!view) throw this.#failure(otherwise)
    return view
  }

  /** What was typed and printed, and what the examiner says. */
  get account(): string {
    const screens = [...this.#opened].map(([place, { shell }]) => `── ${place} ──\n${shell.screen.trimEnd()}`)
    const tasks = (this.#view?.tasks ?? []).map(
      ({ id, verdict, evidence }) => `${id}: ${verdict ?? 'not judged'} · ${evidence}`,
    )
    const { state, reason, waiting } = this.#view ?? {}
    const sandbox = state ? [`sandbox: ${[state, reason, waiting?.detail].filter(Boolean).join(' · ')}`] : []
    return [...screens, '── examiner ──', ...tasks, ...sandbox].join('\n')
  }

  close(): void {
    for (const { terminal } of this.#opened.values())
      void terminal.then(
        ({ close }) => close(),
        () => undefined,
      )
  }

  async #answer(place: Place, step: Extract<Step, { kind: 'answer' }>): Promise<void> {
    const value = step.command === null ? step.value : (await this.ask(place, step.command)).trim()
    await this.#options.sandbox.answer(step.task, value)
    this.lastLineAt = new Date()
  }

  #open(place: Place): Opened {
    const key = `${place.machine} ${place.terminal}`
    const known = this.#opened.get(key)
    if (known) return known
    const shell = new Shell()
    const terminal = this.#options.sandbox.openTerminal(place, (text) => shell.hear(text))
    // Whoever awaits it hears of it, too.
    terminal.catch(() => undefined)
    const opened = { shell, terminal }
    this.#opened.set(key, opened)
    return opened
  }

  async #wait(limitMs: number, holds: () => boolean | Promise<boolean>, otherwise: () => string): Promise<void> {
    const { sandbox, signal } = this.#options
    for (const end = performance.now() + limitMs; ; ) {
      signal.throwIfAborted()
      if (await holds()) return
      if (performance.now() > end) throw this.#failure(`${otherwise()} within ${Math.round(limitMs / 1000)} s`)
      await sandbox.change()
    }
  }

  #failure(message: string): ProofFailure {
    return new ProofFailure(message, this.account)
  }
}
