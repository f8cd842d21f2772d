'use client'

import { type Ref, useImperativeHandle, useState } from 'react'

export type TerminalHandle = { type: (text: string) => void; focus: () => void }
type TerminalProps = { sandboxId: string; machine: string; terminal: string; ref?: Ref<TerminalHandle> }

export default function TerminalPlaceholder({ machine, ref }: TerminalProps) {
  const [text, setText] = useState('')
  useImperativeHandle(ref, () => ({ type: (more) => setText((before) => before + more), focus: () => {} }))
  return (
    <pre className="h-full overflow-auto bg-[#081527] p-3 font-mono text-sm text-[#e9eff8]">{`root@${machine}:~# ${text}`}</pre>
  )
}
