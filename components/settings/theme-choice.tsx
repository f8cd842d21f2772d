'use client'

import { THEMES, type Theme } from '#components/shell/theme.ts'
import { useTheme } from '#components/shell/use-theme.ts'

const NAME: Record<Theme, string> = { system: 'System', light: 'Light', dark: 'Dark' }

export function ThemeChoice({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useTheme(initial)
  return (
    <fieldset className="grid gap-2">
      <legend className="text-sm font-[560]">Theme</legend>
      <div className="mt-1.5 flex flex-wrap gap-2">
        {THEMES.map((each) => (
          <label
            key={each}
            className="flex min-h-11 items-center gap-2 rounded-sm border border-rule-strong bg-sheet px-3 text-sm has-checked:border-accent"
          >
            <input type="radio" name="theme" value={each} checked={theme === each} onChange={() => setTheme(each)} />
            {NAME[each]}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
