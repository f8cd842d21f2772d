'use client'

import { useEffect, useState } from 'react'
import { Choices, toggle } from '#components/lesson/choices.tsx'
import { Button } from '#components/ui/button.tsx'
import type { PredictProps } from '#lib/content/elements.ts'

/** A choice to commit to before what really happens is shown. */
export function Predict({ id, question, choices, children }: PredictProps) {
  const [chosen, setChosen] = useState<number[]>([])
  const [settled, setSettled] = useState(false)
  const key = `drydock.predict.${id}`
  // A guess outlives the way through sign-in, and a reload.
  useEffect(() => {
    const kept = sessionStorage.getItem(key)
    if (kept === null) return
    setChosen(kept === '' ? [] : [Number(kept)])
    setSettled(true)
  }, [key])
  function settle() {
    sessionStorage.setItem(key, chosen.join())
    setSettled(true)
  }
  return (
    <div className="frame p-4 sm:p-5">
      <fieldset>
        <legend className="label float-left mb-2 w-full">Predict first</legend>
        <div className="clear-both mb-3 font-[560] [&>*+*]:mt-2">{question}</div>
        <Choices
          name={`predict-${id}`}
          choices={choices}
          multiple={false}
          chosen={chosen}
          settled={settled}
          onChoose={(index) => setChosen((before) => toggle(before, index, false))}
        />
      </fieldset>
      {!settled && (
        <div className="mt-4 flex flex-wrap gap-2 scripting-none:hidden" data-print="hide">
          <Button size="sm" disabled={chosen.length === 0} onClick={settle}>
            That is my guess
          </Button>
          <Button size="sm" variant="quiet" onClick={settle}>
            Just show me
          </Button>
        </div>
      )}
      <div
        aria-live="polite"
        className={`mt-4 border-t border-rule pt-4 [&>*+*]:mt-4 ${settled ? '' : 'hidden scripting-none:block print:block'}`}
      >
        {children}
      </div>
    </div>
  )
}
