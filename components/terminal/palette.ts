import type { ITheme } from '@xterm/xterm'

/** Each colour by its variable, and what it is where the site does not set one. Both themes, 4.5:1 on the ground. */
const COLOURS = {
  background: ['--term-background', 'light-dark(#ffffff, #081527)'],
  foreground: ['--term-foreground', 'light-dark(#12203a, #e9eff8)'],
  cursor: ['--term-cursor', 'light-dark(#b03f00, #ff7a2b)'],
  cursorAccent: ['--term-cursor-accent', 'light-dark(#ffffff, #081527)'],
  selectionBackground: ['--term-selection', 'light-dark(#ffd3b5, #3d4a63)'],
  black: ['--term-black', 'light-dark(#12203a, #223a5c)'],
  red: ['--term-red', 'light-dark(#b3241c, #ff9389)'],
  green: ['--term-green', 'light-dark(#17694a, #63d3a0)'],
  yellow: ['--term-yellow', 'light-dark(#80550a, #f0c674)'],
  blue: ['--term-blue', 'light-dark(#1f55b5, #8ab4ff)'],
  magenta: ['--term-magenta', 'light-dark(#75429a, #cfa8ef)'],
  cyan: ['--term-cyan', 'light-dark(#0b6b78, #6fd3de)'],
  white: ['--term-white', 'light-dark(#5b6780, #c9d3e3)'],
  brightBlack: ['--term-bright-black', 'light-dark(#5b6780, #8296b5)'],
  brightRed: ['--term-bright-red', 'light-dark(#8f1610, #ffb4ad)'],
  brightGreen: ['--term-bright-green', 'light-dark(#0f5138, #8fe3bd)'],
  brightYellow: ['--term-bright-yellow', 'light-dark(#664200, #f7dba0)'],
  brightBlue: ['--term-bright-blue', 'light-dark(#173f8a, #b3ceff)'],
  brightMagenta: ['--term-bright-magenta', 'light-dark(#592f78, #e2c8f7)'],
  brightCyan: ['--term-bright-cyan', 'light-dark(#07505a, #a0e6ee)'],
  brightWhite: ['--term-bright-white', 'light-dark(#12203a, #ffffff)'],
} satisfies Partial<Record<keyof ITheme, [string, string]>>

/** The palette as `element` has it now. A colour is resolved by an element that wears it: variables alone are text. */
export function paletteOf(element: HTMLElement): ITheme {
  const probe = element.appendChild(document.createElement('span'))
  // A transition would still be at its first colour when it is asked, even one of no time (reduced motion).
  probe.style.transitionProperty = 'none'
  const theme = Object.fromEntries(
    Object.entries(COLOURS).map(([name, [variable, otherwise]]) => {
      probe.style.color = `var(${variable}, ${otherwise})`
      return [name, getComputedStyle(probe).color]
    }),
  )
  probe.remove()
  return theme
}

/** Runs `changed` when the site or the system goes from light to dark or back. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] })
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    dark.removeEventListener('change', changed)
  }
}
