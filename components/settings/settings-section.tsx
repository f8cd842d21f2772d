import type { ReactNode } from 'react'

/** One part of the settings sheet: its name at the left, what can be set at the right; one under the other on a phone. */
export function SettingsSection({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section
      aria-labelledby={id}
      className="grid gap-4 border-t border-rule py-8 md:grid-cols-[11rem_minmax(0,1fr)] md:gap-8"
    >
      <h2 id={id} className="text-lg">
        {title}
      </h2>
      <div className="grid min-w-0 gap-4">{children}</div>
    </section>
  )
}
