'use client'

import { useId, useRef, useState } from 'react'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { MAX_REPORT_CHARS } from '#lib/sandbox/view.ts'

type ReportCheckProps = { taskId: string; number: number; sandbox: SandboxControl }

/** For who is sure that they did it: a quiet way to say that the check is wrong. */
export function ReportCheck({ taskId, number, sandbox }: ReportCheckProps) {
  const text = useRef<HTMLTextAreaElement>(null)
  const [sent, setSent] = useState(false)
  const id = useId()
  if (sent) {
    return (
      <p role="status" className="text-xs text-ink-soft">
        Reported, with what the examiner saw. Thank you.
      </p>
    )
  }
  return (
    <ConfirmDialog
      title={`Is the check of task ${number} wrong?`}
      confirm="Send the report"
      cancel="Not now"
      onConfirm={() => void sandbox.reportCheck(taskId, text.current?.value ?? '').then(setSent)}
      trigger={(open) => (
        <button
          type="button"
          onClick={open}
          className="min-h-6 text-xs text-ink-soft underline underline-offset-2 hover:text-ink"
        >
          Report this check
          <span className="sr-only"> of task {number}</span>
        </button>
      )}
    >
      <p>
        Whoever runs this platform gets what the examiner said last about this task, and what you write here. Your
        machine and your progress stay as they are.
      </p>
      <label htmlFor={id} className="block font-[560] text-ink">
        What did you do, and what should have been seen? You may leave it empty.
      </label>
      <textarea
        id={id}
        ref={text}
        rows={4}
        maxLength={MAX_REPORT_CHARS}
        className="w-full rounded-sm border border-rule-strong bg-paper px-2 py-1 text-sm text-ink"
      />
    </ConfirmDialog>
  )
}
