'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { THEMES, type Theme } from '#components/shell/theme.ts'

const ICON = { system: Monitor, light: Sun, dark: Moon }
const NAME = { system: 'as your system', light: 'light', dark: 'dark' }

/** Steps through system, light and dark; a cookie lets the server draw the next page in it from the first byte. */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial)
  const Icon = ICON[theme]
  function step() {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain http and in Firefox ESR.
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`
    document.documentElement.dataset.theme = next
    setTheme(next)
  }
  return (
    <button
      type="button"
      onClick={step}
      title={`Theme: ${NAME[theme]}`}
      aria-label={`Theme: ${NAME[theme]}. Change it`}
      className="grid size-9 place-items-center text-ink-soft hover:text-ink"
    >
      <Icon size={18} strokeWidth={1.6} aria-hidden />
    </button>
  )
}
