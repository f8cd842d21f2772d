'use client'

import { useEffect, useId, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { InlineCode, withoutCode } from '#components/ui/inline-code.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { isUsable } from '#lib/sandbox/states.ts'
import { MAX_ANSWER_CHARS, type TaskView } from '#lib/sandbox/view.ts'

type AnswerFormProps = { taskId: string; answer: NonNullable<TaskView['answer']>; sandbox: SandboxControl }

/** The question of a task and the line for its answer, which stays as it was typed. */
export function AnswerForm({ taskId, answer, sandbox }: AnswerFormProps) {
  const { view, busy } = sandbox
  const { prompt, value } = answer
  const id = useId()
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  const usable = view !== null && isUsable(view.state)
  return (
    <form
      className="grid grid-cols-[minmax(0,1fr)] gap-1 py-1"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') sandbox.typeAnswer(taskId, text)
      }}
    >
      <label htmlFor={id} className="text-sm text-ink-soft">
        <InlineCode text={prompt} />
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          value={text}
          onChange={(event) => setText(event.target.value)}
          maxLength={MAX_ANSWER_CHARS}
          disabled={!usable}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="min-h-8 min-w-0 grow rounded-sm border border-rule-strong bg-paper px-2 font-mono text-sm disabled:opacity-55"
        />
        <Button type="submit" size="sm" disabled={!usable || busy === 'answer' || text.trim() === ''}>
          Check
          <span className="sr-only"> the answer: {withoutCode(prompt)}</span>
        </Button>
      </div>
      <p role="status" className="sr-only">
        {answer.checking ? 'Checking your answer' : ''}
      </p>
    </form>
  )
}
