import { CopyButton } from '#components/lesson/copy-button.tsx'
import { Fence } from '#components/lesson/fence.tsx'
import { RunButton } from '#components/lesson/run-button.tsx'
import type { RunProps } from '#lib/content/elements.ts'

/** Commands to run in a machine by a click, or to copy. */
export function RunFence({ machine, code, children }: RunProps) {
  return (
    <Fence
      label={`On ${machine}`}
      action={
        <>
          <CopyButton code={code} />
          <RunButton machine={machine} code={code} />
        </>
      }
    >
      {children}
    </Fence>
  )
}
