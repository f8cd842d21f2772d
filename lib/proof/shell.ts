import { stripVTControlCharacters } from 'node:util'

/** How much of an endless output is kept. */
const MAX_CHARS = 128 * 1024

const PROMPT = /(?:^|\n)[^\n]*[#$>] $/
/** The shell's own prompt, even where a program in the background has written after it. */
const SHELL_PROMPT = /(?:^|\n)[\w-]+@[\w-]+:[^\n]*?[#$] /

const asks = (text: string) => PROMPT.test(text) || SHELL_PROMPT.test(text)
const plain = (text: string) => stripVTControlCharacters(text).replaceAll('\r', '')

/** What a terminal shows, seen by somebody who types a line when the prompt has come back. Knows no time. */
export class Shell {
  /** Since the last line was typed. */
  #since = ''
  #before = ''
  #typed = false
  #dirty = true
  #seen = ''

  hear(text: string): void {
    this.#since += text
    if (this.#since.length > 2 * MAX_CHARS) this.#since = this.#since.slice(-MAX_CHARS)
    this.#dirty = true
  }

  /** Notes that a line was typed now: what comes is its answer. */
  typed(): void {
    this.#before = (this.#before + this.#text()).slice(-MAX_CHARS)
    this.#since = ''
    this.#dirty = true
    this.#typed = true
  }

  /** Whether the next line may be typed. */
  get asks(): boolean {
    return this.answer !== null
  }

  /** What the last line printed, without its echo and the prompt; null while the prompt has not come back. */
  get answer(): string | null {
    const text = this.#text()
    const printed = this.#typed ? /^[^\n]*\n([\s\S]*)$/.exec(text)?.[1] : text
    if (printed === undefined || !asks(printed)) return null
    return printed.replace(PROMPT.test(printed) ? PROMPT : SHELL_PROMPT, '')
  }

  /** What came since the last line was typed, its echo included. */
  get latest(): string {
    return this.#text()
  }

  /** The end of all that was typed and printed. */
  get screen(): string {
    return (this.#before + this.#text()).split('\n').slice(-60).join('\n').slice(-8000)
  }

  #text(): string {
    if (this.#dirty) this.#seen = plain(this.#since)
    this.#dirty = false
    return this.#seen
  }
}
