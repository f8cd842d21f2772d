import { publish } from '#lib/sandbox/publish.ts'

/**
 * What may have changed a sandbox just now. `line`: a key that ends a line or acts by itself. `output`: a terminal shows
 * more than the echo of keys, so that a program is at work, or has ended. A letter on a command line does nothing yet.
 */
export type Activity = (typeof ACTIVITIES)[number]
export const ACTIVITIES = ['line', 'output'] as const

/** A program may write without end: what it does is looked at as often as ever, and no more. */
const EVERY_MS: Record<Activity, number> = { line: 250, output: 1000 }
const lastSent = new Map<string, number>()

const TAB = 0x09
const NEWLINE = 0x0a
const ESCAPE = 0x1b
const SPACE = 0x20

/** Whether keys may do something at once: Enter, Ctrl-C, Ctrl-D, an editor's Ctrl-O. Not letters, Tab, Backspace, arrows. */
export const actsAtOnce = (input: Uint8Array): boolean =>
  input.some((byte) => byte < SPACE && byte !== TAB && byte !== ESCAPE)

/** Whether output is more than the echo of letters: a line of its own, or a program that draws. */
export const isMoreThanEcho = (output: Uint8Array): boolean => output.includes(NEWLINE) || output.includes(ESCAPE)

/** The topic on which check loops, in whatever process, hear of it. */
export const activityTopic = (sandboxId: string, activity: Activity): string => `${activity}:${sandboxId}`

/** Sends at most four hints a second about lines and one about output, so that it may be called for each message. */
export function noteActivity(sandboxId: string, activity: Activity): void {
  const now = performance.now()
  const topic = activityTopic(sandboxId, activity)
  if (now - (lastSent.get(topic) ?? Number.NEGATIVE_INFINITY) < EVERY_MS[activity]) return
  if (lastSent.size > 10_000) lastSent.clear()
  lastSent.set(topic, now)
  publish(topic)
}
