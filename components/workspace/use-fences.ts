'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { TerminalHandle } from '#components/terminal/terminal.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { fillVars } from '#lib/labs/template.ts'
import { isOver, isUsable } from '#lib/sandbox/states.ts'

type Fences = {
  /** Types a fence into a machine's terminal; starts the machine first when it is not there. */
  run: (machine: string, code: string) => void
  /** The machine that a fence was last sent to; a new object for each. */
  front: { machine: string } | null
  onTerminal: (machine: string, handle: TerminalHandle | null) => void
  focus: (machine: string) => void
}

/** What connects the lesson's fences with the machines' first terminals. */
export function useFences({ view, start }: Pick<SandboxControl, 'view' | 'start'>): Fences {
  const [front, setFront] = useState<{ machine: string } | null>(null)
  const handles = useRef(new Map<string, TerminalHandle>())
  const pending = useRef<{ machine: string; code: string } | null>(null)
  /** Drawn by the time that there is a terminal to type into. */
  const vars = useRef<Record<string, string>>({})
  useEffect(() => {
    vars.current = view?.vars ?? {}
  }, [view])
  const type = useCallback(() => {
    const handle = pending.current && handles.current.get(pending.current.machine)
    if (!handle || !pending.current) return
    handle.type(`${fillVars(pending.current.code, vars.current)}\n`)
    pending.current = null
  }, [])
  const onTerminal = useCallback(
    (machine: string, handle: TerminalHandle | null) => {
      if (handle) handles.current.set(machine, handle)
      else handles.current.delete(machine)
      type()
    },
    [type],
  )
  // A fence that waited for a machine which never came must not run in the next one.
  useEffect(() => {
    if (view && !isUsable(view.state) && (isOver(view.state) || view.state === 'ending')) pending.current = null
  }, [view])
  const run = useCallback(
    (machine: string, code: string) => {
      pending.current = { machine, code }
      setFront({ machine })
      if (!view || isOver(view.state)) start()
      else type()
    },
    [view, start, type],
  )
  return { run, front, onTerminal, focus: useCallback((machine) => handles.current.get(machine)?.focus(), []) }
}
