import { connectTo, preflight } from '#components/terminal/browser-socket.ts'
import { createEmulator, type Emulator } from '#components/terminal/emulator.ts'
import type { TerminalSettings } from '#components/terminal/settings.ts'
import { binary, inWords, runsByItself, typed, withCtrl } from '#components/terminal/text.ts'
import { type AttachedInfo, TerminalSession } from '#lib/terminal/client.ts'
import { claimClientId } from '#lib/terminal/client-id.ts'
import type { ConnectionState } from '#lib/terminal/connection.ts'

export type TerminalEvents = {
  onState: (state: ConnectionState) => void
  /** The shell's exit code; null when a shell runs. */
  onExit: (code: number | null) => void
  /** A line for the person: a notice of the platform, or why something typed was not taken. */
  onMessage: (message: string) => void
  /** A program wants to copy `text`; only a person's click may do it. */
  onClipboard: (text: string) => void
  /** A paste that would run by itself waits for `paste` with the person's yes. */
  onRiskyPaste: (text: string) => void
  /** The keys that leave the terminal were pressed. */
  onLeave: () => void
  onSearch: () => void
  /** The key bar's Ctrl was used up. */
  onCtrlUsed: () => void
}

export type ControllerOptions = TerminalEvents & {
  element: HTMLElement
  sandboxId: string
  machine: string
  terminal: string
  settings: TerminalSettings
}

const dim = (text: string) => `\r\n\x1b[0;2m── ${text} ──\x1b[0m\r\n`

/** Emulator, session and page events of one terminal, from mount to `dispose`. React only shows what it says. */
export class TerminalController {
  readonly emulator: Emulator
  readonly #session: TerminalSession
  readonly #events: TerminalEvents
  readonly #client: { id: string; release: () => void }
  readonly #unlisten = new AbortController()
  readonly #starting: ReturnType<typeof setTimeout>
  #exited = false
  #selectToCopy: boolean
  /** The key bar's Ctrl waits for its key. */
  ctrlArmed = false

  constructor({ element, sandboxId, machine, terminal, settings, ...events }: ControllerOptions) {
    this.#events = events
    this.emulator = createEmulator({ element, settings, onClipboard: events.onClipboard })
    this.#selectToCopy = settings.selectToCopy
    this.#client = claimClientId(sessionStorage, `${sandboxId}/${machine}/${terminal}`)
    const place = { sandbox: sandboxId, machine, terminal, client: this.#client.id }
    const { terminal: screen, guard } = this.emulator
    this.#session = new TerminalSession({
      connect: connectTo(place),
      preflight: () => preflight(place),
      onOutput: (bytes, replayed, parsed) => guard.write(bytes, replayed, parsed),
      onAttached: (info) => this.#attached(info),
      onExit: (code) => this.#setExited(code),
      onNotice: ({ message }) => events.onMessage(message),
      onState: events.onState,
      size: { cols: screen.cols, rows: screen.rows },
    })
    screen.onData((data) => this.#onData(data))
    screen.onBinary((data) => this.#input(binary(data)))
    screen.onResize(({ cols, rows }) => this.#session.resize(cols, rows))
    screen.attachCustomKeyEventHandler((event) => this.#onKey(event))
    this.#listen(element)
    // Not before the effect has lasted: StrictMode mounts twice, and a socket for the first would be for nothing.
    this.#starting = setTimeout(() => this.#session.start())
  }

  /** Types text as if at the keyboard; each line end is Enter. Typed once, however often the connection is cut. */
  type(text: string): void {
    this.#input(typed(text))
    this.emulator.terminal.scrollToBottom()
  }

  /** Pastes without a further question, bracketed where the program asked for that. */
  paste(text: string): void {
    this.emulator.terminal.paste(text)
  }

  /** A key of the key bar. Arrows follow the mode that the running program asked for. */
  press(key: string): void {
    const { terminal } = this.emulator
    const arrow = key.startsWith('\x1b[')
    terminal.input(arrow && terminal.modes.applicationCursorKeysMode ? `\x1bO${key.at(-1)}` : key)
    terminal.focus()
  }

  /** The person changed their settings. */
  apply(settings: TerminalSettings): void {
    this.#selectToCopy = settings.selectToCopy
    this.emulator.apply(settings)
  }

  restart(): void {
    this.#session.restart()
    this.emulator.terminal.focus()
  }

  dispose(): void {
    clearTimeout(this.#starting)
    this.#unlisten.abort()
    this.#release()
    this.#session.stop()
    this.emulator.dispose()
  }

  /** Lets the next page of this tab take over the client id, unless something typed is still under way. */
  #release(): void {
    if (this.#session.settled) this.#client.release()
  }

  #attached({ running, missedBytes, reset }: AttachedInfo): void {
    const { guard } = this.emulator
    if (reset) guard.write('\x1bc', true)
    if (reset) guard.write(dim('this machine was started anew'), true)
    if (missedBytes > 0) guard.write(dim(`${inWords(missedBytes)} scrolled by unseen while you were away`), true)
    if (running) this.#setExited(null)
  }

  #setExited(code: number | null): void {
    this.#exited = code !== null
    this.#events.onExit(code)
  }

  #onData(data: string): void {
    if (!this.emulator.guard.allows(data)) return
    if (this.#exited) {
      if (data === '\r') this.restart()
      return
    }
    const key = this.ctrlArmed && data.length === 1 ? withCtrl(data) : data
    if (this.ctrlArmed) {
      this.ctrlArmed = false
      this.#events.onCtrlUsed()
    }
    this.#input(new TextEncoder().encode(key))
  }

  #input(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#session.input(bytes)) return
    if (this.#session.state.kind !== 'ended')
      this.#events.onMessage('That is too much at once, so nothing of it was typed. Paste up to 1 MB at a time.')
  }

  /** False keeps a key from the shell. */
  #onKey(event: KeyboardEvent): boolean {
    const chord = event.ctrlKey && event.shiftKey && !event.altKey
    const leave = (event.ctrlKey && event.key === 'F6') || (chord && event.key === 'Escape')
    const copy = chord && event.code === 'KeyC'
    const search = chord && event.code === 'KeyF'
    // The browser turns this one into a paste event.
    const paste = chord && event.code === 'KeyV'
    if (!leave && !copy && !search && !paste) return true
    if (!paste) event.preventDefault()
    if (event.type !== 'keydown') return false
    if (leave) this.#events.onLeave()
    if (search) this.#events.onSearch()
    if (copy) void this.#copySelection()
    return false
  }

  async #copySelection(): Promise<void> {
    const text = this.emulator.terminal.getSelection()
    if (!text) return
    await navigator.clipboard?.writeText(text).catch(() => {
      this.#events.onMessage('The browser did not allow copying.')
    })
  }

  #listen(element: HTMLElement): void {
    const { signal } = this.#unlisten
    // Once the selection is made, not at each of its steps. A browser copies only on a person's own act, as this is.
    element.addEventListener(
      'pointerup',
      () => {
        if (this.#selectToCopy) void this.#copySelection()
      },
      { signal },
    )
    element.addEventListener(
      'paste',
      (event) => {
        const text = event.clipboardData?.getData('text/plain') ?? ''
        // A full-screen program takes text as text; only a prompt would run it.
        if (!runsByItself(text) || this.emulator.terminal.buffer.active.type === 'alternate') return
        event.preventDefault()
        event.stopPropagation()
        this.#events.onRiskyPaste(text)
      },
      { capture: true, signal },
    )
    const poke = () => {
      if (document.visibilityState === 'visible') this.#session.poke()
    }
    window.addEventListener('online', poke, { signal })
    document.addEventListener('visibilitychange', poke, { signal })
    window.addEventListener('pagehide', () => this.#release(), { signal })
  }
}
