import localFont from 'next/font/local'

const inter = localFont({ src: './fonts/inter.woff2', weight: '100 900', variable: '--font-inter' })
const mono = localFont({
  src: './fonts/jetbrains-mono.woff2',
  weight: '100 800',
  variable: '--font-jetbrains-mono',
  // Inter carries the page; code may swap in a moment later.
  preload: false,
  adjustFontFallback: false,
  fallback: ['ui-monospace', 'monospace'],
})

/** The classes of <html> by which the site's fonts have their names. */
export const fontVariables = `${inter.variable} ${mono.variable}`
