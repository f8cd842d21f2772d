import { AppError } from '#lib/errors.ts'
import { fillVars } from '#lib/labs/template.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import { keyBytes } from '#lib/proof/keys.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import type { Place, ProofSandbox, ProofTerminal } from '#lib/proof/proof-port.ts'
import type { Script, Step } from '#lib/proof/script.ts'
import { Shell } from '#lib/proof/shell.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** Longest that is waited, in milliseconds: for a machine, for a line to give its prompt back, for a verdict to follow,
 * how long a verdict must stay that nobody looks at again and again, and for a declared port to answer. */
export type Patience = { readyMs: number; lineMs: number; verdictMs: number; stayMs: number; portMs: number }
export const PATIENCE: Patience = { readyMs: 300_000, lineMs: 60_000, verdictMs: 60_000, stayMs: 3000, portMs: 20_000 }

export type PlayerOptions = {
  sandbox: ProofSandbox
  /** What `{{ vars.… }}` in scripts stands for. */
  vars: VarValues
  patience: Patience
  signal: AbortSignal
  onStep: (step: string) => void
}

/** Milliseconds that each step of a script took, by file and line; a mutated run grants about as much. */
export type Timings = Map<string, number>
const stepKey = (script: Script, step: Step): string => `${script.file}:${step.line}`

/** What is told to end gets this long. */
const INTERRUPT_MS = 5000

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

  /** A text of the lab with this sandbox's variables. */
  fill(text: string): string {
    return fillVars(text, this.#options.vars)
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

  /**
   * Types what is left of scripts as well as it can be: what fails is passed over, and what does not end is ended. Each
   * step gets twice as long as it took in the whole solution.
   */
  async playAnyhow(scripts: Script[], timings: Timings): Promise<void> {
    for (const script of scripts) {
      let place = script.place
      for (const step of script.steps) {
        this.#options.onStep(`${script.file}:${step.line}`)
        const limitMs = 2 * (timings.get(stepKey(script, step)) ?? 0) + 2000
        if (step.kind === 'on') {
          place = step.place
          continue
        }
        const act = () => this.#step(place, step, limitMs)
        // A line that cannot be typed is in the way of one that does not end.
        if (!(await this.#anyhow(act)) && step.kind === 'line') {
          if (!(await this.#interrupted(place))) break
          await this.#anyhow(act)
        }
      }
    }
  }

  /** False when it did not come about. */
  async #anyhow(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (!(error instanceof ProofFailure)) throw error
      return false
    }
  }

  /** Ends what runs in the foreground. False when it goes on. */
  async #interrupted(place: Place): Promise<boolean> {
    await this.press(place, ['C-c'])
    return this.#anyhow(() => this.prompt(place, INTERRUPT_MS))
  }

  async #step(place: Place, step: Exclude<Step, { kind: 'on' }>, limitMs?: number): Promise<void> {
    if (step.kind === 'line') for (const line of step.text.split('\n')) await this.type(place, line, limitMs)
    else if (step.kind === 'keys') await this.press(place, step.keys)
    else if (step.kind === 'see') await this.#see(place, this.fill(step.text), limitMs)
    else if (step.kind === 'wait') await this.#passed(step.task, limitMs)
    else await this.#answer(place, step, limitMs)
  }

  /** Types a line once the terminal asks for one. What it starts may stay in the foreground. */
  async type(place: Place, line: string, limitMs?: number): Promise<void> {
    await this.prompt(place, limitMs)
    const { shell, terminal } = this.#open(place)
    shell.typed()
    void terminal.then(
      ({ input }) => input(Buffer.from(`${this.fill(line)}\r`)),
      () => undefined,
    )
    this.lastLineAt = new Date()
  }

  async press(place: Place, keys: string[]): Promise<void> {
    const { input } = await this.#open(place).terminal
    for (const key of keys) input(Buffer.from(keyBytes(key) ?? ''))
    this.lastLineAt = new Date()
  }

  breakScene(scene: string, fault: string): Promise<void> {
    return this.#options.sandbox.breakScene(scene, fault)
  }

  /** Types a line and resolves with what it printed. */
  async ask(place: Place, line: string, limitMs?: number): Promise<string> {
    await this.type(place, line, limitMs)
    return this.prompt(place, limitMs)
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

  async #see(place: Place, text: string, limitMs = this.#options.patience.lineMs): Promise<void> {
    const { shell, terminal } = this.#open(place)
    await terminal
    await this.#wait(
      limitMs,
      () => shell.latest.includes(text),
      () => `"${text}" did not come to the screen`,
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
        if (state === 'failed' || state === 'lost' || state === 'ended') {
          const steps = await this.#options.sandbox.preparation()
          throw this.#failure([`the sandbox is ${state}: ${reason}`, ...steps].join('\n'))
        }
        return holds(view)
      },
      () => otherwise,
    )
    if (!view) throw this.#failure(otherwise)
    return view
  }

  /**
   * Watches for so many milliseconds at least, and until each of `tasks` that is not waiting was judged twice since the
   * last line; or until it `goesOn` no more. Resolves with the last view.
   */
  async stays(
    tasks: string[],
    goesOn: (view: SandboxView) => boolean,
    leastMs = this.#options.patience.stayMs,
  ): Promise<SandboxView> {
    const began = performance.now()
    const enough = async (view: SandboxView) => {
      if (!goesOn(view)) return true
      if (performance.now() - began < leastMs) return false
      const counts = await this.#options.sandbox.judgedSince(this.lastLineAt)
      const judged = view.tasks.filter(({ id, verdict }) => tasks.includes(id) && verdict !== 'waiting')
      return judged.every(({ id }) => (counts.get(id) ?? 0) >= 2)
    }
    return this.until('no verdict came after the last line', enough, leastMs + this.#options.patience.verdictMs)
  }

  /** Opens one of the lab's ports until a page comes. @throws ProofFailure that names it */
  async visit(index: number, name: string): Promise<void> {
    let status = 0
    await this.#wait(
      this.#options.patience.portMs,
      async () => {
        status = await this.#options.sandbox.openPort(index)
        return status < 500
      },
      () => `${name} did not answer in the browser: its last status was ${status}`,
    )
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

  async #passed(task: string, limitMs?: number): Promise<void> {
    const passes = ({ tasks }: SandboxView) => tasks.some(({ id, verdict }) => id === task && verdict === 'pass')
    await this.until(`task ${task} did not pass`, passes, limitMs)
  }

  async #answer(place: Place, step: Extract<Step, { kind: 'answer' }>, limitMs?: number): Promise<void> {
    const value = step.command === null ? this.fill(step.value) : (await this.ask(place, step.command, limitMs)).trim()
    try {
      await this.#options.sandbox.answer(step.task, value)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      throw this.#failure(`the answer to ${step.task} was refused: ${error.userMessage}`)
    }
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
