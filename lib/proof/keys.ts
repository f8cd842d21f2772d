const NAMED: Record<string, string> = {
  Enter: '\r',
  Tab: '\t',
  Escape: '\x1b',
  Space: ' ',
  Backspace: '\x7f',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
}

export const KEY_NAMES = [...Object.keys(NAMED), 'C-a … C-z', 'C-\\', 'a single character']

/** What a terminal sends for a key such as `C-c`, `Enter`, `q`; null for one that it does not know. */
export function keyBytes(key: string): string | null {
  const control = /^C-([a-z\\[\]])$/.exec(key)?.[1]
  if (control) return String.fromCharCode(control.charCodeAt(0) & 0x1f)
  return NAMED[key] ?? ([...key].length === 1 ? key : null)
}
