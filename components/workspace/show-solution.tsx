'use client'

import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'

/** Shows the reference solution, after a question: the attempt is then marked as assisted. */
export function ShowSolution({ sandbox, className }: { sandbox: SandboxControl; className?: string }) {
  return (
    <ConfirmDialog
      title="Show the solution?"
      confirm="Show it"
      cancel="Not yet"
      onConfirm={sandbox.revealSolution}
      trigger={(open) => (
        <Button size="sm" variant="quiet" className={className} disabled={sandbox.busy !== null} onClick={open}>
          Show the solution
        </Button>
      )}
    >
      <p>This attempt is then marked as assisted in your progress, for good. It can still be solved.</p>
      <p>The hints go one step at a time and leave no mark.</p>
    </ConfirmDialog>
  )
}
