'use client'

import { type ReactNode, useId, useRef } from 'react'
import { Button } from '#components/ui/button.tsx'

type ConfirmDialogProps = {
  /** Draws the button that opens it. */
  trigger: (open: () => void) => ReactNode
  title: string
  /** Says what will be lost. */
  children: ReactNode
  confirm: string
  cancel?: string
  onConfirm: () => void
}

/** A question before something cannot be taken back. The browser's own modal dialog traps focus, closes on Esc and gives focus back. */
export function ConfirmDialog({
  trigger,
  title,
  children,
  confirm,
  cancel = 'Keep it',
  onConfirm,
}: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const close = () => dialog.current?.close()
  return (
    <>
      {trigger(() => dialog.current?.showModal())}
      <dialog
        ref={dialog}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
        className="m-auto w-[min(30rem,calc(100vw-2rem))] border border-rule-strong bg-sheet p-6 text-left text-ink"
      >
        <h2 id={`${id}-title`} className="text-lg">
          {title}
        </h2>
        <div id={`${id}-text`} className="mt-2 text-sm text-ink-soft [&>*+*]:mt-2">
          {children}
        </div>
        <div className="mt-6 flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{cancel}</Button>
          <Button
            variant="danger"
            onClick={() => {
              close()
              onConfirm()
            }}
          >
            {confirm}
          </Button>
        </div>
      </dialog>
    </>
  )
}
