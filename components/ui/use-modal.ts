import { type RefObject, useEffect, useRef } from 'react'

/** A modal dialog that stands for as long as its component is rendered. */
export function useModal(): { dialog: RefObject<HTMLDialogElement | null>; close: () => void } {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  // To be closed before it is taken away: only then does the focus go back to where it was, or where an answer moves it.
  return { dialog, close: () => dialog.current?.close() }
}
