'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { THEMES, type Theme } from '#components/shell/theme.ts'
import { useTheme } from '#components/shell/use-theme.ts'

const ICON = { system: Monitor, light: Sun, dark: Moon }
const NAME = { system: 'as your system', light: 'light', dark: 'dark' }

/** Steps through system, light and dark. */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useTheme(initial)
  const Icon = ICON[theme]
  const step = () => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system')
  return (
    <button
      type="button"
      onClick={step}
      title={`Theme: ${NAME[theme]}`}
      aria-label={`Theme: ${NAME[theme]}. Change it`}
      className="grid size-9 place-items-center text-ink-soft hover:text-ink scripting-none:hidden"
    >
      <Icon size={18} strokeWidth={1.6} aria-hidden />
    </button>
  )
}
