import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import { type LoadLab, lockStarts, PATIENCE, startLocked, type Tx } from '#lib/sandbox/start-sandbox.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

export type GuestStart = {
  /** Who is a guest already goes on as the same one. */
  guestId: string | null
  /** The network address it comes from. */
  address: string
  labId: string
  loadLab: LoadLab
  places?: number
}

/**
 * Starts a machine for a stranger, or returns the one they have. A guest is a user without name or address, made
 * together with their first machine: where there is no place, nobody is made.
 * @throws AppError `unauthenticated` where no guests are taken, `not-found` for an unknown lab, `limit-reached` with
 * words when all places are taken or too many came from this address
 */
export async function startAsGuest(start: GuestStart): Promise<{ userId: string; view: SandboxView }> {
  const { guestId, address, labId, loadLab, places = env().GUESTS } = start
  if (places === 0) throw new AppError('unauthenticated', 'this site takes no guests')
  const loaded = await loadLab(labId)
  if (!loaded) throw new AppError('not-found', `there is no lab ${labId}`)
  // Whoever gets nothing is not counted. Asked again under the lock, where it is exact; counting there would need a
  // second connection while others wait for this one.
  if (!(await runningOf(db(), guestId))) {
    await refuseWithoutPlace(db(), places)
    await countGuest(address)
  }
  const { userId, sandboxId } = await db().$transaction(async (tx) => {
    await lockStarts(tx)
    const running = await runningOf(tx, guestId)
    if (running) return { userId: running.userId, sandboxId: running.id }
    await refuseWithoutPlace(tx, places)
    const known = guestId && (await tx.user.findFirst({ where: { id: guestId, role: 'guest' }, select: { id: true } }))
    const guest = known || (await tx.user.create({ data: { role: 'guest' }, select: { id: true } }))
    return { userId: guest.id, sandboxId: await startLocked(tx, { userId: guest.id, labId, loaded }) }
  }, PATIENCE)
  publishSandbox(sandboxId)
  return { userId, view: await getSandboxView({ userId, sandboxId }) }
}

/** The one machine that a guest may have at a time. */
const runningOf = async (tx: Tx, guestId: string | null) =>
  guestId ? tx.sandbox.findFirst({ where: { userId: guestId, state: { in: LIVE_STATES } } }) : null

async function refuseWithoutPlace(tx: Tx, places: number): Promise<void> {
  const taken = await tx.sandbox.count({ where: { user: { role: 'guest' }, state: { in: LIVE_STATES } } })
  if (taken < places) return
  const all = places === 1 ? 'The place for a guest is' : `All ${places} places for guests are`
  throw new AppError('limit-reached', `there are ${taken} guests`, {
    userMessage: `${all} taken right now. In a few minutes one is free again; with an account you need not wait for it.`,
  })
}

async function countGuest(address: string): Promise<void> {
  try {
    await rateLimit('guest', address)
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown
    throw new AppError(thrown.code, thrown.message, {
      userMessage:
        'From your network address came as many guests as may within an hour. With an account you need not wait.',
    })
  }
}
