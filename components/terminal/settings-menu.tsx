'use client'

import { Settings2 } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'
import { changeTerminalSettings, FONT_SIZES, useTerminalSettings } from '#components/terminal/settings.ts'

/** Text size, copying by selecting, and support for screen readers: for every terminal in this browser. */
export function SettingsMenu({ className }: { className: string }) {
  const { fontSize, selectToCopy, screenReader } = useTerminalSettings()
  return (
    <Popover.Root>
      <Popover.Trigger aria-label="Terminal settings" title="Terminal settings" className={className}>
        <Settings2 size={16} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Terminal settings"
          className="frame z-40 grid w-72 gap-3 p-4 text-sm text-ink shadow-lg"
        >
          <p className="label">Terminals in this browser</p>
          <label className="flex items-center justify-between gap-4">
            Text size
            <select
              value={fontSize}
              onChange={(event) => changeTerminalSettings({ fontSize: Number(event.target.value) })}
              className="min-h-9 rounded-sm border border-rule-strong bg-sheet px-2"
            >
              {FONT_SIZES.map((size) => (
                <option key={size} value={size}>
                  {size} px
                </option>
              ))}
            </select>
          </label>
          <Switch checked={selectToCopy} onChange={(on) => changeTerminalSettings({ selectToCopy: on })}>
            Copy on select
          </Switch>
          <Switch checked={screenReader} onChange={(on) => changeTerminalSettings({ screenReader: on })}>
            Screen reader support
          </Switch>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

type SwitchProps = { checked: boolean; onChange: (on: boolean) => void; children: ReactNode }

function Switch({ checked, onChange, children }: SwitchProps) {
  return (
    <label className="flex min-h-9 items-center justify-between gap-4">
      {children}
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    </label>
  )
}
