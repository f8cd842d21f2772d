import { ClipboardAddon } from '@xterm/addon-clipboard'
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import { paletteOf, watchTheme } from '#components/terminal/palette.ts'
import { ReplyGuard } from '#components/terminal/reply-guard.ts'
import type { TerminalSettings } from '#components/terminal/settings.ts'
import { isWebLink } from '#components/terminal/text.ts'

const SCROLLBACK_LINES = 10_000
const FIT_DELAY_MS = 60

export type EmulatorOptions = {
  element: HTMLElement
  settings: TerminalSettings
  /** A program on the machine wants to put text on the clipboard. */
  onClipboard: (text: string) => void
}

export type Emulator = ReturnType<typeof createEmulator>

function follow(event: MouseEvent, uri: string): void {
  event.preventDefault()
  if (isWebLink(uri)) window.open(uri, '_blank', 'noopener,noreferrer')
}

/** xterm with its addons in `element`, following its size and the site's theme until `dispose`. */
export function createEmulator({ element, settings, onClipboard }: EmulatorOptions) {
  const terminal = new Terminal({
    allowProposedApi: true,
    screenReaderMode: settings.screenReader,
    scrollback: SCROLLBACK_LINES,
    fontFamily: getComputedStyle(element).fontFamily,
    fontSize: settings.fontSize,
    lineHeight: 1.2,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    minimumContrastRatio: 4.5,
    theme: paletteOf(element),
    // For OSC 8, where the text and the target of a link may differ.
    linkHandler: { activate: follow },
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  const clipboard = new ClipboardAddon(undefined, {
    readText: () => '',
    writeText: (selection, text) => {
      if (selection === 'c' && text) onClipboard(text)
    },
  })
  for (const addon of [fit, search, clipboard, new WebLinksAddon(follow), new UnicodeGraphemesAddon()])
    terminal.loadAddon(addon)
  const guard = new ReplyGuard(terminal)
  terminal.open(element)
  // xterm draws no cursor before the first focus, as if nothing could be typed, unless a screen buffer was chosen.
  terminal.write('\x1b[?47l')
  try {
    const webgl = new WebglAddon()
    webgl.onContextLoss(() => webgl.dispose())
    terminal.loadAddon(webgl)
  } catch {
    // No WebGL here: the DOM renderer stays.
  }

  let disposed = false
  const refit = () => {
    // A hidden terminal has no size to fit to.
    if (!disposed && element.clientWidth > 0 && element.clientHeight > 0) fit.fit()
  }
  refit()
  let fitTimer: ReturnType<typeof setTimeout> | undefined
  const sizes = new ResizeObserver(() => {
    clearTimeout(fitTimer)
    fitTimer = setTimeout(refit, FIT_DELAY_MS)
  })
  sizes.observe(element)
  const unwatchTheme = watchTheme(() => {
    terminal.options.theme = paletteOf(element)
  })
  // Cells were measured with whatever font was there: measure again when ours has come.
  document.fonts.load(`14px ${terminal.options.fontFamily}`).then(
    (loaded) => {
      if (disposed || loaded.length === 0) return
      const family = terminal.options.fontFamily ?? 'monospace'
      terminal.options.fontFamily = `${family}, monospace`
      refit()
    },
    () => {},
  )

  return {
    /** Takes over changed settings. */
    apply: ({ fontSize, screenReader }: TerminalSettings) => {
      terminal.options.screenReaderMode = screenReader
      if (terminal.options.fontSize === fontSize) return
      terminal.options.fontSize = fontSize
      refit()
    },
    terminal,
    guard,
    search,
    /** The scrollback and the screen as plain text. */
    text: () => {
      const { active } = terminal.buffer
      let text = ''
      for (let row = 0; row < active.length; row++) {
        const line = active.getLine(row)
        if (row > 0 && !line?.isWrapped) text += '\n'
        text += line?.translateToString(true) ?? ''
      }
      return `${text.trimEnd()}\n`
    },
    dispose: () => {
      disposed = true
      clearTimeout(fitTimer)
      sizes.disconnect()
      unwatchTheme()
      guard.dispose()
      terminal.dispose()
    },
  }
}
