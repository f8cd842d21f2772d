import { type BrokenRule, broken, brokenNeeds, duplicates, type LabPath, stray } from '#lib/labs/broken-rule.ts'
import { brokenChecks } from '#lib/labs/check-rules.ts'
import { openingsOf } from '#lib/labs/egress.ts'
import { brokenPorts } from '#lib/labs/port-rules.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { brokenSetup } from '#lib/labs/setup-rules.ts'
import { brokenTemplates } from '#lib/labs/template-rules.ts'

/** What no shape can say: names are unique and lead somewhere, needs end, and templates ask for what is there. */
export function brokenRules(lab: Lab): BrokenRule[] {
  if (lab.machines.length === 0) {
    return [{ ...broken(['machines'], '"machines" is missing', 'a list, or kubernetes: {}'), key: true }]
  }
  return [
    ...brokenMachines(lab),
    ...brokenIngress(lab),
    ...duplicates(
      lab.tasks.map(({ id }) => id),
      (index) => ['tasks', index, 'id'],
    ),
    ...duplicates(
      openingsOf(lab.egress).map(({ host }) => host),
      (index) => ['egress', index],
    ),
    ...duplicates(lab.kubernetes?.serviceAccounts ?? [], (index) => ['kubernetes', 'serviceAccounts', index]),
    ...brokenPlaces(lab),
    ...brokenNeeds(lab.tasks, 'task', ['tasks']),
    ...brokenHints(lab),
    ...brokenChecks(lab),
    ...brokenSetup(lab),
    ...brokenPorts(lab),
    ...brokenTemplates(lab),
  ]
}

function* brokenMachines({ machines }: Lab): Generator<BrokenRule> {
  yield* duplicates(
    machines.map(({ name }) => name),
    (index) => ['machines', index, 'name'],
  )
  for (const [at, { terminals, profile, user }] of machines.entries()) {
    yield* duplicates(terminals, (index) => ['machines', at, 'terminals', index])
    if (user !== undefined && profile !== 'root' && profile !== 'engine') {
      yield broken(['machines', at, 'user'], `a machine of profile "${profile}" has one user`, 'no "user"')
    }
  }
}

/** The door stands beside the machines, under a name of its own, and only machines with kubectl reach it. */
function* brokenIngress({ kubernetes, machines }: Lab): Generator<BrokenRule> {
  if (!kubernetes?.ingress) return
  if (!machines.some(({ profile }) => profile === 'kubernetes')) {
    yield broken(['kubernetes', 'ingress'], 'no machine here reaches the ingress', 'a machine of profile kubernetes')
  }
  for (const [at, { name }] of machines.entries()) {
    if (name === 'ingress') yield broken(['machines', at, 'name'], '"ingress" is the door’s own name', 'another name')
  }
}

/** Everything that runs on a machine says on which, where there are several. */
function* brokenPlaces(lab: Lab): Generator<BrokenRule> {
  const machines = lab.machines.map(({ name }) => name)
  function* place(on: string | undefined, what: string, path: LabPath): Generator<BrokenRule> {
    if (on !== undefined && !machines.includes(on)) yield stray('machine', on, machines, [...path, 'on'])
    if (on === undefined && machines.length > 1) {
      yield broken(path, `${what} does not say on which machine`, `on: one of ${machines.join(', ')}`)
    }
  }
  for (const [index, { id, on, check }] of lab.tasks.entries()) {
    if (on !== undefined || check.run !== undefined) yield* place(on, `task "${id}"`, ['tasks', index])
  }
  for (const [index, { id, on }] of (lab.init ?? []).entries()) yield* place(on, `step "${id}"`, ['init', index])
  for (const [index, { id, on }] of (lab.load ?? []).entries()) yield* place(on, `load "${id}"`, ['load', index])
  for (const [scene, faults] of Object.entries(lab.scenes ?? {})) {
    for (const [index, { id, on }] of faults.entries()) yield* place(on, `fault "${id}"`, ['scenes', scene, index])
  }
  for (const [taskId, hints] of Object.entries(lab.hints)) {
    const task = lab.tasks.find(({ id }) => id === taskId)
    for (const [index, hint] of hints.entries()) {
      if (typeof hint !== 'string') yield* place(hint.on ?? task?.on, 'this hint', ['hints', taskId, index])
    }
  }
}

function* brokenHints({ tasks, hints }: Lab): Generator<BrokenRule> {
  const known = tasks.map(({ id }) => id)
  for (const name of Object.keys(hints)) {
    if (!known.includes(name)) yield { ...stray('task', name, known, ['hints', name]), key: true }
  }
}
