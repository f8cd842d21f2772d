/** Whether a shell would run something of a paste without a further key: it has a line end after other text. */
export const runsByItself = (text: string): boolean => /[\r\n]/.test(text.trimEnd()) || /\S[\r\n]+$/.test(text)

/** Text as keys would type it: Enter sends a carriage return. */
export const typed = (text: string): Uint8Array => new TextEncoder().encode(text.replace(/\r?\n/g, '\r'))

/** Code points above 255 never come here: xterm hands over mouse reports of the old encoding byte by byte. */
export const binary = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff)

/** `http` or `https` and nothing else: what a machine prints must not become a `javascript:` link. */
export function isWebLink(uri: string): boolean {
  const url = URL.parse(uri)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}

const KEYS: Record<string, string> = {
  ' ': '\x00',
  '[': '\x1b',
  '\\': '\x1c',
  ']': '\x1d',
  '^': '\x1e',
  _: '\x1f',
  '?': '\x7f',
}

/** What Ctrl and a key send; a key that has no such code is sent as it is. */
export function withCtrl(key: string): string {
  if (/^[a-z]$/i.test(key)) return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f)
  return KEYS[key] ?? key
}

/** Bytes in words: `14.7 MB`. */
export function inWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
