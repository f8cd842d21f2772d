import { publish } from '#lib/sandbox/publish.ts'

const EVERY_MS = 250
const lastSent = new Map<string, number>()

/** The topic on which check loops, in whatever process, hear that somebody works in a sandbox. */
export const activityTopic = (sandboxId: string): string => `activity:${sandboxId}`

/**
 * To be called for every sign of life of a learner: a terminal attached, input, a heartbeat. Sends at most four hints a
 * second, so that it may be called for each message.
 */
export function noteActivity(sandboxId: string): void {
  const now = performance.now()
  if (now - (lastSent.get(sandboxId) ?? -EVERY_MS) < EVERY_MS) return
  if (lastSent.size > 10_000) lastSent.clear()
  lastSent.set(sandboxId, now)
  publish(activityTopic(sandboxId))
}
