import type { IDisposable, Terminal } from '@xterm/xterm'

/** Reports of focus, which a program may have asked for: not a person's typing. */
const FOCUS_REPORTS = ['\x1b[I', '\x1b[O']
/** What a program may ask to put on the clipboard at once, in base64. */
const CLIPBOARD_MAX_CHARS = 100_000

/**
 * Keeps an emulator from talking back when it must not. While output from before the attach is replayed, the questions in
 * it (DA, DSR, DECRQM, DECRQSS, colour queries) were answered long ago: an answer now would be typed into the shell. And
 * at any time: reading the clipboard (OSC 52 `?`) is ignored. Title reports are off in xterm by default.
 */
export class ReplyGuard {
  readonly #terminal: Terminal
  /** One entry for each write that is not parsed yet, oldest first: whether it is replay. */
  readonly #writes: boolean[] = []
  readonly #handlers: IDisposable[]

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    const { parser } = terminal
    const replaying = () => this.replaying
    const query = (data: string) => this.replaying && data.split(';').includes('?')
    this.#handlers = [
      parser.registerCsiHandler({ final: 'c' }, replaying),
      parser.registerCsiHandler({ prefix: '>', final: 'c' }, replaying),
      parser.registerCsiHandler({ prefix: '=', final: 'c' }, replaying),
      parser.registerCsiHandler({ prefix: '>', final: 'q' }, replaying),
      parser.registerCsiHandler({ final: 'n' }, replaying),
      parser.registerCsiHandler({ prefix: '?', final: 'n' }, replaying),
      parser.registerCsiHandler({ intermediates: '$', final: 'p' }, replaying),
      parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, replaying),
      parser.registerCsiHandler({ final: 't' }, replaying),
      parser.registerDcsHandler({ intermediates: '$', final: 'q' }, replaying),
      ...[4, 10, 11, 12].map((code) => parser.registerOscHandler(code, query)),
      // After the clipboard's own handler is loaded this one is asked first.
      parser.registerOscHandler(
        52,
        (data) => this.replaying || data.endsWith(';?') || data.length > CLIPBOARD_MAX_CHARS,
      ),
    ]
  }

  /** Whether the bytes being parsed right now are replay. */
  get replaying(): boolean {
    return this.#writes[0] ?? false
  }

  write(data: Uint8Array | string, replayed: boolean, parsed: () => void = () => {}): void {
    this.#writes.push(replayed)
    this.#terminal.write(data, () => {
      this.#writes.shift()
      parsed()
    })
  }

  /** Whether data the emulator wants to send may go. */
  allows(data: string): boolean {
    return !(this.#writes.includes(true) && FOCUS_REPORTS.includes(data))
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose()
  }
}
