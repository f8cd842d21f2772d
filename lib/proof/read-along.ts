import type { Element } from 'hast'
import { visit } from 'unist-util-visit'
import type { Lesson } from '#lib/content/types.ts'
import type { LabProof } from '#lib/proof/load-proof.ts'
import { matchesLoosely } from '#lib/proof/loosely.ts'
import { firstPlace, placeNamed } from '#lib/proof/place.ts'
import type { Player } from '#lib/proof/player.ts'
import { ProofFailure } from '#lib/proof/proof-failure.ts'
import type { Script } from '#lib/proof/script.ts'

/** What a reader does, in order. */
type Reading = { run: string; machine: string; expect: string | null } | { task: string }

/** The fences to run and the tasks to solve, as the text has them. */
function readingsOf(lesson: Pick<Lesson, 'body'>): Reading[] {
  const readings: Reading[] = []
  visit(lesson.body.tree, 'element', ({ tagName, properties }: Element) => {
    if (tagName === 'dd-task') readings.push({ task: String(properties.name) })
    if (tagName !== 'dd-run') return
    const expect = properties.expect ? String(properties.expect) : null
    readings.push({ run: String(properties.code), machine: String(properties.machine), expect })
  })
  return readings
}

/** The steps of a script that end with `#@ wait <task>`, from the wait before it; null when it has none. */
function partFor(task: string, script: Script): Script | null {
  const { steps } = script
  const end = steps.findIndex((step) => step.kind === 'wait' && step.task === task)
  if (end < 0) return null
  const begin = steps.findLastIndex((step, index) => index < end && step.kind === 'wait') + 1
  return { ...script, steps: steps.slice(begin, end + 1) }
}

/** Does what a reader does: runs every fence, compares its output, and solves each task where the text asks for it. */
export async function readAlong(
  player: Player,
  { lesson, lab, solution }: LabProof & { lesson: Lesson },
): Promise<void> {
  const { lab: definition } = lab.definition
  for (const reading of readingsOf(lesson)) {
    if ('task' in reading) {
      const parts = solution.flatMap((script) => partFor(reading.task, script) ?? [])
      if (parts.length === 0) throw new ProofFailure(`no line of the solution ends with "#@ wait ${reading.task}"`)
      for (const part of parts) await player.play(part)
      continue
    }
    const place = placeNamed(reading.machine, undefined, definition) ?? firstPlace(definition)
    let printed = ''
    for (const line of reading.run.split('\n')) printed += `${await player.ask(place, line)}\n`
    if (reading.expect !== null && !matchesLoosely(player.fill(reading.expect), printed)) {
      const detail = `── the lesson shows ──\n${reading.expect.trim()}\n── the machine printed ──\n${printed.trim()}\n${player.account}`
      throw new ProofFailure(`"${reading.run.split('\n')[0]}" prints something else than the lesson shows`, detail)
    }
  }
}
