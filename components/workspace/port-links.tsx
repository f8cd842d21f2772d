import { ExternalLink } from 'lucide-react'
import { isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

export const portPath = (sandboxId: string, index: number): string => `/api/sandboxes/${sandboxId}/ports/${index}`

/** The pages that machines of this lab serve, each in a tab of its own. */
export function PortLinks({ view: { id, state, ports, previews } }: { view: SandboxView }) {
  if (ports.length > 0 && !previews)
    return <p className="text-sm text-ink-soft">This platform shows no pages of machines.</p>
  const open = isUsable(state)
  return ports.map((title, index) => (
    <a
      key={title}
      {...(open ? { href: portPath(id, index) } : { role: 'link', 'aria-disabled': true })}
      target="_blank"
      rel="noopener"
      className={`inline-flex items-center gap-1.5 py-1 text-sm ${open ? 'lesson-link' : 'text-ink-soft'}`}
    >
      {title}
      <ExternalLink size={14} aria-hidden />
      <span className="sr-only">(opens in a new tab)</span>
    </a>
  ))
}
