import { assertExhaustive } from '#lib/errors.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import type { TaskView } from '#lib/sandbox/view.ts'

/** The state of a sandbox in a word or two, for its badge. */
export function stateWord(state: SandboxState | null): string {
  switch (state) {
    case null:
      return 'Not started'
    case 'queued':
      return 'Waiting'
    case 'provisioning':
      return 'Starting'
    case 'ready':
      return 'Running'
    case 'degraded':
      return 'Has a problem'
    case 'ending':
      return 'Ending'
    case 'ended':
      return 'Ended'
    case 'failed':
      return 'Could not start'
    case 'lost':
      return 'Lost'
    default:
      return assertExhaustive(state)
  }
}

/** `10:42`, in the reader's own time zone. */
export const clock = (iso: string): string =>
  new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Seconds as a person says them: `about 40 s`, `about 3 min`. */
export function about(seconds: number): string {
  return seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s` : `about ${Math.round(seconds / 60)} min`
}

/** Seconds on a clock: `4:05`, `1:00:30`. */
export function countdown(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(s / 60) % 60
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`
}

/** A length of time gone by: `42 s`, `12 min`, `1 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The verdict on a task as its learner reads it. Nobody is ever "wrong". */
export function verdictLine(task: TaskView, tasks: TaskView[]): string {
  switch (task.verdict) {
    case 'pass':
      return task.evidence || 'Done'
    case 'not-yet': {
      const word = task.wasTrueUntil ? 'No longer' : task.answer ? 'Not that' : 'Not yet'
      return task.evidence ? `${word}: ${task.evidence}` : word
    }
    case 'broken':
      return 'Our check failed, not you. It tries again by itself.'
    case 'waiting': {
      const first = task.needs.find((id) => tasks.find((other) => other.id === id)?.verdict !== 'pass') ?? task.needs[0]
      return `Waiting for task ${tasks.findIndex(({ id }) => id === first) + 1}`
    }
    case null:
      return ''
    default:
      return assertExhaustive(task.verdict)
  }
}

/** Which warning holds with so many seconds left: that of 10, 5 or 1 minutes; null while there is more, or nothing. */
export function warningAt(secondsLeft: number): 10 | 5 | 1 | null {
  if (secondsLeft <= 0 || secondsLeft > 600) return null
  return secondsLeft <= 60 ? 1 : secondsLeft <= 300 ? 5 : 10
}
