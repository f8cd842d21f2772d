import { assertExhaustive } from '#lib/errors.ts'

/**
 * What is the matter with a machine pod. `detail` is what the cluster said, for the log; where a limit was exceeded, the
 * limit as Kubernetes writes it (`256Mi`).
 */
export type Problem = { kind: ProblemKind; detail: string }

export type ProblemKind =
  | 'no-room'
  | 'image-missing'
  | 'image-unavailable'
  | 'not-created'
  | 'out-of-memory'
  | 'out-of-disk'
  | 'out-of-inodes'
  | 'node-short'
  | 'node-gone'
  | 'deleted'
  | 'stopping'
  | 'restarted'
  | 'stopped'

/** A reason that the queue, too, knows by its words. */
export const NO_ROOM = 'There is no room for your machine right now. It starts as soon as somebody ends a lab.'
export const NEVER_ROOM =
  'This lab asks for more than the nodes behind this platform have, even when nobody else is on them. Its operator can change that; you cannot.'

/** No waiting helps. */
export const isFinal = ({ kind }: Problem): boolean => kind === 'image-missing'

/** The problem as its learner reads it: about their machine, and whose turn it is. Pure. */
export function problemWords({ kind, detail }: Problem): string {
  switch (kind) {
    case 'no-room':
      return NO_ROOM
    case 'image-missing':
      return 'The image of this machine does not exist, or this platform may not fetch it. That is for its operator to mend, not for you.'
    case 'image-unavailable':
      return 'The image of your machine cannot be fetched right now; trying again.'
    case 'not-created':
      return 'The node could not make your machine; trying again.'
    case 'out-of-memory':
      return `Your machine used more memory than it has${limit(detail)}, and was stopped.`
    case 'out-of-disk':
      return `Your machine wrote more than fits on its disk${limit(detail)}, and was stopped.`
    case 'out-of-inodes':
      return 'The node under your machine had no room for more files. Yours had the most of them, and was stopped.'
    case 'node-short':
      return 'The node under your machine ran short of memory or disk and stopped it. That was not your doing.'
    case 'node-gone':
      return 'The node under your machine went away. That was not your doing.'
    case 'deleted':
      return 'The machine was deleted.'
    case 'stopping':
      return 'Your machine has just stopped. In a moment it is known why.'
    case 'restarted':
      return 'Your machine restarted, and what was on it is gone.'
    case 'stopped':
      return 'Your machine stopped: its first process ended.'
    default:
      return assertExhaustive(kind)
  }
}

/** `256Mi` → ` (256 MiB)`. */
function limit(quantity: string): string {
  const [, amount, unit] = /^(\d+)([KMGT]i)$/.exec(quantity) ?? []
  return amount ? ` (${amount} ${unit}B)` : ''
}
