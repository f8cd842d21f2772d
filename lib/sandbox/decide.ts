import type { Availability } from '#lib/capabilities/availability.ts'
import { assertExhaustive } from '#lib/errors.ts'
import type { PodStatus } from '#lib/sandbox/cluster-port.ts'
import { isFinal, NEVER_ROOM, type Problem, problemWords } from '#lib/sandbox/problems.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'

/** A sandbox that waits this long for its first machine is given up. */
const QUEUE_LIMIT_MS = 2 * 60 * 60_000
/** A machine that is not ready after this long, with the cluster at hand all the while, will not be. */
const PROVISION_LIMIT_MS = 3 * 60_000
/** Nor is one that could not be prepared for so long: each attempt has time-outs of its own. */
const PREPARE_LIMIT_MS = 15 * 60_000

export type Situation = {
  state: SandboxState
  createdAt: Date
  expiresAt: Date
  reason: string | null
  now: Date
  machineNames: string[]
  /** What is known of its machines; null when the cluster gives no complete answer. */
  machines: PodStatus[] | null
  clusterDown: boolean
  /** Machines may be made: it answers, nobody is still setting it up, and nobody before this one waits for room. */
  clusterOpen: boolean
  /** Whether the lab can be had on this cluster. */
  availability: Availability
  /** Whether its machines fit on the nodes when nobody else is there; null while not known. */
  fits: boolean | null
  /** The cluster that answers is not the one the sandbox was made in. */
  otherCluster: boolean
  /** Since when this process has known it as provisioning, with a cluster that answers and room, or none for it ever. */
  provisioningSince: Date
  /** This process has created its objects. Another one may have died half-way: creating again is harmless. */
  createdHere: boolean
  /** The lab's files and init steps are in place, or it has none. */
  prepared: boolean
  /** Its namespaces were seen absent in a complete list made after the pods were. Null: not looked. */
  namespaceGone: boolean | null
}

export type Decision =
  | { kind: 'stay' }
  | { kind: 'provision' }
  | { kind: 'create' }
  | { kind: 'prepare' }
  | { kind: 'measure' }
  | { kind: 'look' }
  | { kind: 'delete' }
  | { kind: 'move'; to: SandboxState; reason: string | null }

const UNREACHABLE =
  'The cluster does not answer right now. Your machine may well be running on; this page goes on by itself.'
const stay: Decision = { kind: 'stay' }
const move = (to: SandboxState, reason: string | null): Decision => ({ kind: 'move', to, reason })

/** What is to be done about one sandbox, given everything known of it. Pure, so that every case can be tabled. */
export function decide(s: Situation): Decision {
  switch (s.state) {
    case 'queued':
      return queued(s)
    case 'provisioning':
      return provisioning(s)
    case 'ready':
    case 'degraded':
      return usable(s)
    case 'ending':
      if (!s.machines) return stay
      if (s.otherCluster || s.namespaceGone) return move('ended', s.reason)
      return { kind: 'delete' }
    case 'ended':
    case 'failed':
    case 'lost':
      return stay
    default:
      return assertExhaustive(s.state)
  }
}

const NO_MACHINE = 'No machine became free in two hours.'
const LOOKING = 'The platform is finding out what its cluster offers.'

function queued(s: Situation): Decision {
  if (s.now.getTime() - s.createdAt.getTime() > QUEUE_LIMIT_MS) return move('failed', NO_MACHINE)
  if (s.availability.kind === 'lacking') return move('failed', s.availability.reason)
  if (!s.machines || !s.clusterOpen) return stay
  if (s.availability.kind === 'available') return { kind: 'provision' }
  return s.reason === LOOKING ? stay : move('queued', LOOKING)
}

/** The one thing to tell of all its machines: an end first, then what no waiting helps, then the rest. */
function mainProblem(machines: PodStatus[]): (Problem & { over: boolean }) | null {
  const troubled = machines.flatMap(({ problem, terminated }) => {
    if (terminated) return [{ ...(problem ?? { kind: 'stopped' as const, detail: '' }), over: true }]
    return problem ? [{ ...problem, over: isFinal(problem) }] : []
  })
  return troubled.find(({ over }) => over) ?? troubled[0] ?? null
}

function provisioning(s: Situation): Decision {
  if (!s.machines) return stay
  if (s.otherCluster) return move('lost', RESTARTED)
  if (allReady(s)) return s.prepared ? move('ready', null) : prepare(s)
  const problem = mainProblem(s.machines)
  // What restarts before it was ever ready has lost nothing.
  const words = problem && problemWords(problem.kind === 'restarted' ? { ...problem, kind: 'stopped' } : problem)
  if (problem?.over) return move('failed', words)
  if (problem?.kind === 'no-room') {
    if (s.now.getTime() - s.createdAt.getTime() > QUEUE_LIMIT_MS) return move('failed', NO_MACHINE)
    if (s.fits === null && words === s.reason) return { kind: 'measure' }
  }
  if (s.now.getTime() - s.provisioningSince.getTime() > PROVISION_LIMIT_MS) {
    const tooLong = problem?.kind === 'no-room' ? NEVER_ROOM : words
    return move('failed', tooLong ?? 'The machine did not start in time.')
  }
  if (s.machines.length < s.machineNames.length && !s.createdHere) return { kind: 'create' }
  return words === s.reason ? stay : move('provisioning', words)
}

function prepare(s: Situation): Decision {
  const tooLong = s.now.getTime() - s.provisioningSince.getTime() > PREPARE_LIMIT_MS
  return tooLong ? move('failed', 'The machine could not be prepared in time.') : { kind: 'prepare' }
}

const RESTARTED = 'The machines were restarted, and this one with them. Your progress is kept; start it anew to go on.'

function usable(s: Situation): Decision {
  if (s.now >= s.expiresAt) return move('ending', 'The time was up.')
  if (s.clusterDown) return s.state === 'ready' ? move('degraded', UNREACHABLE) : stay
  if (!s.machines) return stay
  if (s.otherCluster) return move('lost', RESTARTED)
  const problem = mainProblem(s.machines)
  if (problem?.over) return move('lost', problemWords(problem))
  if (s.machines.length < s.machineNames.length) {
    // A pod missing from a complete list: the namespace tells whether all is gone or only the machine.
    if (s.namespaceGone === null) return { kind: 'look' }
    return move('lost', s.namespaceGone ? 'The machine is gone from the cluster.' : 'The machine was deleted.')
  }
  if (allReady(s)) return s.state === 'degraded' ? move('ready', null) : stay
  const words = problem ? problemWords(problem) : 'Part of the machine is restarting.'
  return s.state === 'ready' || s.reason !== words ? move('degraded', words) : stay
}

const allReady = ({ machines, machineNames }: Situation): boolean =>
  machineNames.every((name) => machines?.some(({ machine, ready }) => machine === name && ready))
