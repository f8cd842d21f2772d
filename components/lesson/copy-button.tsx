'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { fenceButton } from '#components/lesson/fence.tsx'
import { useLab } from '#components/workspace/lab-context.tsx'
import { fillVars } from '#lib/labs/template.ts'

const SHOWN_MS = 2000

export function CopyButton({ code }: { code: string }) {
  const [copied, setCopied] = useState(false)
  const vars = useLab()?.sandbox.view?.vars ?? {}
  async function copy() {
    await navigator.clipboard.writeText(fillVars(code, vars))
    setCopied(true)
    setTimeout(() => setCopied(false), SHOWN_MS)
  }
  return (
    <button type="button" className={fenceButton} onClick={() => void copy().catch(() => setCopied(false))}>
      {copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
      <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
    </button>
  )
}
