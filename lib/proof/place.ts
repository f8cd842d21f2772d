import type { Lab } from '#lib/labs/schema.ts'
import type { Place } from '#lib/proof/proof-port.ts'

const STEP = /^\d{2}-(?<machine>[a-z][a-z0-9]*)(?:-(?<terminal>[a-z][a-z0-9-]*))?\.sh$/

/** A terminal of the lab by name, the machine's first where none is named; null when there is no such place. */
export function placeNamed(machine: string, terminal: string | undefined, lab: Lab): Place | null {
  const known = lab.machines.find(({ name }) => name === machine)
  const [first] = known?.terminals ?? []
  if (!known || !first || (terminal && !known.terminals.includes(terminal))) return null
  return { machine, terminal: terminal ?? first }
}

/** Where `solution/01-box-aux.sh` is typed; null when its name says no place of the lab. */
export function placeOfStep(name: string, lab: Lab): Place | null {
  const { machine = '', terminal } = STEP.exec(name)?.groups ?? {}
  return placeNamed(machine, terminal, lab)
}

/** Where a script without a place in its name is typed: the first terminal of the first machine. */
export function firstPlace(lab: Lab): Place {
  const [machine] = lab.machines
  return { machine: machine?.name ?? '', terminal: machine?.terminals[0] ?? 'main' }
}
