'use client'

import { Play } from 'lucide-react'
import { fenceButton } from '#components/lesson/fence.tsx'
import { useLab } from '#components/workspace/lab-context.tsx'

/** Types a fence into the machine beside the text, starting it first when need be. */
export function RunButton({ machine, code }: { machine: string; code: string }) {
  const lab = useLab()
  if (!lab) return null
  const first = code.split('\n')[0] ?? ''
  return (
    <button type="button" className={fenceButton} onClick={() => lab.run(machine, code)}>
      <Play size={15} aria-hidden />
      Run
      <span className="sr-only">
        {' '}
        on {machine}: {first}
      </span>
    </button>
  )
}
