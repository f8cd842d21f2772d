import { basename } from 'node:path'
import type { LabProof } from '#lib/proof/load-proof.ts'
import type { Script, Step } from '#lib/proof/script.ts'

/** A solution without one of its steps. `justified`: what the author says of a lab that is solved all the same. */
export type Dropped = { name: string; scripts: Script[]; justified: string | null }

/** Every solution without one step of what is typed or answered; a heredoc or a loop is one step. */
export function droppedSteps(solution: Script[]): Dropped[] {
  return solution.flatMap((script, place) =>
    script.steps.flatMap((step, index) => {
      if (step.kind !== 'line' && step.kind !== 'keys' && step.kind !== 'answer') return []
      const rest = { ...script, steps: script.steps.toSpliced(index, 1) }
      const name = `without ${basename(script.file)}:${step.line} ${words(step)}`
      return { name, scripts: solution.with(place, rest), justified: step.kind === 'line' ? step.survives : null }
    }),
  )
}

function words(step: Step): string {
  if (step.kind === 'keys') return step.keys.join(' ')
  if (step.kind === 'answer') return `the answer to ${step.task}`
  if (step.kind !== 'line') return ''
  const [first = '', ...more] = step.text.split('\n')
  return `${first.length > 60 ? `${first.slice(0, 60)}…` : first}${more.length > 0 ? ' …' : ''}`
}

/**
 * Tasks whose check could pass always, and hardly anybody would notice: a `wrong/` of theirs demands that the very task be
 * not yet, so each one notices.
 */
export function unguardedTasks({ lab, wrong }: LabProof, atLeast: number): { task: string; wrong: number }[] {
  return lab.definition.lab.tasks
    .map(({ id }) => ({ task: id, wrong: wrong.filter(({ task }) => task === id).length }))
    .filter((one) => one.wrong < atLeast)
}
