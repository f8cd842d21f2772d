import { useSyncExternalStore } from 'react'

/** How a person likes their terminals; kept in this browser, the same for every terminal of it. */
export type TerminalSettings = { fontSize: number; selectToCopy: boolean; screenReader: boolean }

export const FONT_SIZES = [12, 13, 14, 16, 18, 20, 24]

const DEFAULTS: TerminalSettings = { fontSize: 14, selectToCopy: false, screenReader: false }
const KEYS = {
  fontSize: 'drydock.terminal.font-size',
  selectToCopy: 'drydock.terminal.select-to-copy',
  screenReader: 'drydock.terminal.screen-reader',
} satisfies Record<keyof TerminalSettings, string>

/** What a storage says; a value that is missing or makes no sense is the default. */
export function parseSettings(read: (key: string) => string | null): TerminalSettings {
  const fontSize = Number(read(KEYS.fontSize))
  return {
    fontSize: FONT_SIZES.includes(fontSize) ? fontSize : DEFAULTS.fontSize,
    selectToCopy: read(KEYS.selectToCopy) === '1',
    screenReader: read(KEYS.screenReader) === '1',
  }
}

let current: TerminalSettings | undefined
const listeners = new Set<() => void>()

/** The settings now. The same object until one changes. */
function terminalSettings(): TerminalSettings {
  current ??= parseSettings((key) => stored(() => localStorage.getItem(key)))
  return current
}

export function changeTerminalSettings(change: Partial<TerminalSettings>): void {
  current = { ...terminalSettings(), ...change }
  const { fontSize, selectToCopy, screenReader } = current
  stored(() => {
    localStorage.setItem(KEYS.fontSize, String(fontSize))
    localStorage.setItem(KEYS.selectToCopy, selectToCopy ? '1' : '0')
    localStorage.setItem(KEYS.screenReader, screenReader ? '1' : '0')
    return null
  })
  for (const listener of listeners) listener()
}

/** Another tab's change counts here, too. */
function subscribe(listener: () => void): () => void {
  const fromElsewhere = (event: StorageEvent) => {
    if (event.key !== null && !Object.values<string>(KEYS).includes(event.key)) return
    current = undefined
    listener()
  }
  listeners.add(listener)
  addEventListener('storage', fromElsewhere)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', fromElsewhere)
  }
}

export const useTerminalSettings = (): TerminalSettings =>
  useSyncExternalStore(subscribe, terminalSettings, () => DEFAULTS)

/** A browser may forbid storage: settings then last as long as the page. */
function stored(use: () => string | null): string | null {
  try {
    return use()
  } catch {
    return null
  }
}
