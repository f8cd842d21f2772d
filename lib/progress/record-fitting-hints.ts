import { db } from '#lib/db/client.ts'
import type { FittingHints } from '#lib/sandbox/offered-hints.ts'
import { publish } from '#lib/sandbox/publish.ts'

/** Stores which hints fit what the examiner sees, and tells whoever shows the sandbox. */
export async function recordFittingHints(options: {
  sandboxId: string
  attemptId: string
  fitting: FittingHints
}): Promise<void> {
  const { sandboxId, attemptId, fitting } = options
  await db().attempt.updateMany({ where: { id: attemptId }, data: { fittingHints: fitting } })
  publish(`sandbox:${sandboxId}`)
}
