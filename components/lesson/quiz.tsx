'use client'

import { useState } from 'react'
import { Choices, toggle } from '#components/lesson/choices.tsx'
import { Button } from '#components/ui/button.tsx'
import type { QuizProps } from '#lib/content/elements.ts'

/** A question where the thought arises. Every answer is explained, and another try is always open. */
export function Quiz({ id, multiple, question, choices }: QuizProps) {
  const [chosen, setChosen] = useState<number[]>([])
  const [settled, setSettled] = useState(false)
  const right = choices.every(({ correct }, index) => correct === chosen.includes(index))
  return (
    <fieldset className="frame p-4 sm:p-5">
      <legend className="label float-left mb-2 w-full">Question{multiple && ' · more than one may hold'}</legend>
      <div className="clear-both mb-3 font-[560] [&>*+*]:mt-2">{question}</div>
      <Choices
        name={`quiz-${id}`}
        choices={choices}
        multiple={multiple}
        chosen={chosen}
        settled={settled}
        onChoose={(index) => setChosen((before) => toggle(before, index, multiple))}
      />
      <div className="mt-4 flex flex-wrap items-center gap-3 scripting-none:hidden" data-print="hide">
        {settled ? (
          <Button
            size="sm"
            onClick={() => {
              setSettled(false)
              setChosen([])
            }}
          >
            Try again
          </Button>
        ) : (
          <Button size="sm" disabled={chosen.length === 0} onClick={() => setSettled(true)}>
            Check
          </Button>
        )}
        <p role="status" className="text-sm">
          {settled && (right ? <span className="text-pass">That is it.</span> : 'Not quite — see the notes.')}
        </p>
      </div>
    </fieldset>
  )
}
