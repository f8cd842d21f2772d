import { events } from '#lib/db/events.ts'
import { logger } from '#lib/obs/logger.ts'

/** Sends wake-up hints; a hint that cannot be sent is only a delay, as everyone who waits for one polls too. */
export function publish(...topics: string[]): void {
  for (const topic of topics) {
    events()
      .publish(topic)
      .catch((err: unknown) => logger().warn({ err, topic }, 'hint not sent'))
  }
}

/** Tells whoever shows the sandbox that its view changed, and wakes the reconciler. */
export const publishSandbox = (sandboxId: string): void => publish(`sandbox:${sandboxId}`, 'queue')
