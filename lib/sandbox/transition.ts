import type { Prisma } from '#generated/prisma/client.ts'
import { db } from '#lib/db/client.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'

/** Which state may follow which. What is over stays over. */
const NEXT: Record<SandboxState, readonly SandboxState[]> = {
  queued: ['provisioning', 'ending', 'ended', 'failed', 'lost'],
  provisioning: ['ready', 'ending', 'failed', 'lost'],
  ready: ['degraded', 'ending', 'failed', 'lost'],
  degraded: ['ready', 'ending', 'failed', 'lost'],
  ending: ['ended'],
  ended: [],
  failed: [],
  lost: [],
}

export type Read = { id: string; state: SandboxState; fence: number }
export type Change = { to: SandboxState; reason: string | null } & Pick<
  Prisma.SandboxUncheckedUpdateInput,
  'readyAt' | 'expiresAt' | 'endedAt' | 'clusterUid'
>

/**
 * Moves a sandbox on from the state that was read, unless somebody else changed it since (optimistic lock by fence).
 * With `lease`, also only while that lease's token is the newest: a reconciler that slept too long changes nothing.
 * Resolves with whether it did.
 */
export async function transition(
  from: Read,
  { to, ...data }: Change,
  lease?: { name: string; token: number },
): Promise<boolean> {
  if (to !== from.state && !NEXT[from.state].includes(to)) return false
  const done = await db().$transaction(async (tx) => {
    if (lease) {
      // Shared lock: the lease cannot be taken over until this change is committed.
      const held = await tx.$queryRaw<unknown[]>`select 1 from "Lease"
        where "name" = ${lease.name} and "token" = ${lease.token} for share`
      if (held.length === 0) return false
    }
    const { count } = await tx.sandbox.updateMany({
      where: { id: from.id, fence: from.fence, state: from.state },
      data: { ...data, state: to, fence: { increment: 1 } },
    })
    return count === 1
  })
  if (done) publishSandbox(from.id)
  return done
}
