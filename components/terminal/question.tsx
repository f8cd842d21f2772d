'use client'

import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from '#components/ui/button.tsx'

type QuestionProps = {
  title: string
  children: ReactNode
  yes: string
  no: string
  onYes: () => void
  onNo: () => void
}

/** A modal question that stands for as long as it is rendered. Esc is no. */
export function Question({ title, children, yes, no, onYes, onNo }: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  // Closed first: a modal dialog would keep the focus that the answer moves.
  const answer = (act: () => void) => () => {
    dialog.current?.close()
    act()
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        answer(onNo)()
      }}
      className="frame m-auto w-[min(34rem,calc(100vw-2rem))] p-6 text-left text-ink"
    >
      <h2 id={id} className="text-lg">
        {title}
      </h2>
      {children}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={answer(onNo)}>{no}</Button>
        <Button variant="primary" onClick={answer(onYes)}>
          {yes}
        </Button>
      </div>
    </dialog>
  )
}
