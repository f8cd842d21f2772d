'use client'

import { changeTerminalSettings, FONT_SIZES, useTerminalSettings } from '#components/terminal/settings.ts'

const SWITCHES = [
  ['selectToCopy', 'Copy on select'],
  ['screenReader', 'Screen reader support'],
] as const

/** The same settings as in the menu of a terminal. */
export function TerminalChoice() {
  const settings = useTerminalSettings()
  return (
    <fieldset className="grid gap-2">
      <legend className="text-sm font-[560]">Terminals</legend>
      <label className="mt-1.5 flex min-h-11 items-center gap-3 text-sm">
        Text size
        <select
          value={settings.fontSize}
          onChange={(event) => changeTerminalSettings({ fontSize: Number(event.target.value) })}
          className="min-h-11 rounded-sm border border-rule-strong bg-sheet px-2"
        >
          {FONT_SIZES.map((size) => (
            <option key={size} value={size}>
              {size} px
            </option>
          ))}
        </select>
      </label>
      {SWITCHES.map(([key, words]) => (
        <label key={key} className="flex min-h-9 items-center gap-3 text-sm">
          <input
            type="checkbox"
            checked={settings[key]}
            onChange={(event) => changeTerminalSettings({ [key]: event.target.checked })}
          />
          {words}
        </label>
      ))}
      <p className="text-sm text-ink-soft">Theme and terminals are set for this browser alone.</p>
    </fieldset>
  )
}
