'use client'

import { type ReactNode, useId } from 'react'
import { Button } from '#components/ui/button.tsx'
import { useModal } from '#components/ui/use-modal.ts'

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
  const { dialog, close } = useModal()
  const id = useId()
  const answer = (act: () => void) => () => {
    close()
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
