import type { PageAction } from '#components/commands/page-actions.ts'
import { withoutCode } from '#components/ui/inline-code.tsx'
import type { Pane } from '#components/workspace/lab-context.tsx'
import type { Panels } from '#components/workspace/panels.ts'
import { portPath } from '#components/workspace/port-links.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { isLive, isUsable } from '#lib/sandbox/states.ts'

type Workspace = {
  sandbox: SandboxControl
  panels: Panels
  setPanels: (change: Partial<Panels>) => void
  show: (pane: Pane) => void
  focusTerminal: () => void
}

/** What the palette offers in a workspace as it stands. What would lose work is not among it: that has buttons that ask. */
export function workspaceActions({ sandbox, panels, setPanels, show, focusTerminal }: Workspace): PageAction[] {
  const { view } = sandbox
  const usable = view !== null && isUsable(view.state)
  const task = view?.tasks.find(({ verdict }) => verdict !== 'pass' && verdict !== 'waiting')
  const layout = (label: string, wanted: Panels['layout'], pane: Pane): PageAction[] =>
    panels.layout === wanted
      ? []
      : [
          {
            label,
            run: () => {
              setPanels({ layout: wanted })
              show(pane)
            },
          },
        ]
  return [
    ...(view && isLive(view.state) ? [] : [{ label: 'Start the machine', run: sandbox.start }]),
    ...(usable ? [{ label: 'Go to the terminal', run: focusTerminal }] : []),
    ...(usable && view.previews
      ? view.ports.map((title, index) => ({
          label: `Open in the browser: ${title}`,
          run: () => void window.open(portPath(view.id, index), '_blank', 'noopener'),
        }))
      : []),
    ...(usable && view.extensionsLeft > 0 ? [{ label: 'More time on the machine', run: sandbox.extend }] : []),
    ...(task && task.hints.length < task.hintsTotal
      ? [{ label: `Hint for: ${withoutCode(task.title)}`, run: () => sandbox.openHint(task.id, task.hints.length) }]
      : []),
    ...layout('Focus: the text alone', 'text', 'text'),
    ...layout('Focus: the machine alone', 'machine', 'terminal'),
    ...layout('Text and machine side by side', 'both', 'text'),
    panels.rail === 0
      ? { label: 'Unfold the tasks', run: () => setPanels({ rail: 'auto' }) }
      : { label: 'Fold the tasks up', run: () => setPanels({ rail: 0 }) },
  ]
}
