'use client'

import type { Choice } from '#lib/content/elements.ts'

type ChoicesProps = {
  name: string
  choices: Choice[]
  multiple: boolean
  chosen: number[]
  onChoose: (index: number) => void
  /** Answers are fixed and each says whether it holds. */
  settled: boolean
}

/** The answers of a quiz or a prediction: radio buttons, or boxes where several may hold. */
export function Choices({ name, choices, multiple, chosen, onChoose, settled }: ChoicesProps) {
  return (
    <div className="grid gap-2">
      {choices.map((choice, index) => {
        const picked = chosen.includes(index)
        const told = settled && (picked || choice.correct)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the choices of a text never change their order.
          <div key={index}>
            <label
              className={`flex gap-3 border px-3 py-2.5 text-sm ${settled ? '' : 'cursor-pointer hover:border-rule-strong'} ${
                told && choice.correct ? 'border-pass bg-pass-wash' : picked ? 'border-ink' : 'border-rule'
              }`}
            >
              <input
                type={multiple ? 'checkbox' : 'radio'}
                name={name}
                checked={picked}
                disabled={settled}
                onChange={() => onChoose(index)}
                className="mt-0.5"
              />
              <span className="min-w-0">
                {choice.text}
                {told && <span className="sr-only">{choice.correct ? ' (this holds)' : ' (this does not hold)'}</span>}
              </span>
            </label>
            {/* Readable without JavaScript; with it, once there is an answer. */}
            {choice.explanation && (
              <div
                className={`px-3 pt-2 pb-1 pl-10 text-sm text-ink-soft ${told ? '' : 'hidden scripting-none:block'}`}
              >
                {choice.explanation}
              </div>
            )}
          </div>
        )
      })}
    </div>
  )
}

export function toggle(chosen: number[], index: number, multiple: boolean): number[] {
  if (!multiple) return [index]
  return chosen.includes(index) ? chosen.filter((other) => other !== index) : [...chosen, index]
}
