import type { Prisma } from '#generated/prisma/client.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import { drawAttemptVars } from '#lib/sandbox/attempt-vars.ts'
import { labTimes } from '#lib/sandbox/duration.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { refuseUnavailable } from '#lib/sandbox/lab-availability.ts'
import { refuseForeignHosts } from '#lib/sandbox/lab-egress.ts'
import { refuseForeignImages } from '#lib/sandbox/lab-images.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** A lab as content offers it now; null when there is no such lab. */
export type LoadLab = (labId: string) => Promise<{ definition: LabDefinition; digest: string } | null>

export type StartOptions = {
  userId: string
  labId: string
  loadLab: LoadLab
  /** For proofs: what a new attempt's variables are drawn from, in place of its id. */
  seed?: string
}

/**
 * Starts the user's sandbox of a lab, or returns the one that is live already, however many ask at once.
 * @throws AppError `not-found` for an unknown lab, `limit-reached` with words when the user or the instance is full,
 * `lab-unavailable` with words when the lab brings an image or asks for a host that this platform does not allow, or when the cluster lacks
 * what it needs
 */
export async function startSandbox({ userId, labId, loadLab, seed }: StartOptions): Promise<SandboxView> {
  const loaded = await loadLab(labId)
  if (!loaded) throw new AppError('not-found', `there is no lab ${labId}`)
  const sandboxId = await db().$transaction(async (tx) => {
    await lockStarts(tx)
    return startLocked(tx, { userId, labId, loaded, seed })
  }, PATIENCE)
  publishSandbox(sandboxId)
  return getSandboxView({ userId, sandboxId })
}

/** Starts queue on one lock; a class that starts together on a busy machine waits longer than Prisma's five seconds. */
export const PATIENCE = { maxWait: 10_000, timeout: 20_000 }

export type Tx = Prisma.TransactionClient
type NewSandbox = {
  userId: string
  labId: string
  attemptId: string
  loaded: NonNullable<Awaited<ReturnType<LoadLab>>>
  seed?: string | undefined
}

/** A start within a transaction that holds the lock. Resolves with the id of the live sandbox or the new one. */
export async function startLocked(tx: Tx, start: Omit<NewSandbox, 'attemptId'>): Promise<string> {
  const { userId, labId } = start
  const live = await tx.sandbox.findFirst({ where: { userId, labId, state: { in: LIVE_STATES } } })
  if (live) return live.id
  await refuseUnavailable(tx, start.loaded.definition.lab)
  await refuseOverLimit(tx, userId)
  const attempt = await attemptFor(tx, userId, labId)
  const { id } = await createSandbox(tx, { ...start, attemptId: attempt.id })
  return id
}

/** One start at a time across all processes: the limits are counted and kept exactly, and a start takes milliseconds. */
export const lockStarts = (tx: Tx) => tx.$executeRaw`select pg_advisory_xact_lock(hashtext('drydock:start'))`

/** A queued row of the lab's newest version. The clock of `expiresAt` starts anew when it is ready. */
export async function createSandbox(
  tx: Tx,
  { userId, labId, attemptId, loaded, seed }: NewSandbox,
): Promise<{ id: string }> {
  const { definition, digest } = loaded
  refuseForeignImages(definition.lab, env())
  refuseForeignHosts(definition.lab, env())
  await tx.labVersion.upsert({ where: { digest }, create: { digest, labId, definition }, update: {} })
  await drawAttemptVars(tx, { attemptId, lab: definition.lab, seed })
  // Every sandbox begins with nothing achieved; when a task passed first stays known.
  await tx.answer.deleteMany({ where: { attemptId } })
  await tx.attempt.update({ where: { id: attemptId }, data: { fittingHints: {} } })
  await tx.$executeRaw`update "TaskResult" set "passedUntil" = (now() at time zone 'utc'),
    "passedSince" = null, "verdict" = 'not-yet', "evidence" = ''
    where "attemptId" = ${attemptId} and "passedSince" is not null`
  const expiresAt = new Date(Date.now() + labTimes(definition.lab).budgetMs)
  return tx.sandbox.create({ data: { userId, labId, labDigest: digest, attemptId, expiresAt }, select: { id: true } })
}

async function refuseOverLimit(tx: Tx, userId: string): Promise<void> {
  const { MAX_SANDBOXES_PER_USER: perUser, MAX_SANDBOXES: inAll } = env()
  const mine = await tx.sandbox.count({ where: { userId, state: { in: LIVE_STATES } } })
  if (mine >= perUser) {
    throw new AppError('limit-reached', `user ${userId} has ${mine} live sandboxes`, {
      userMessage: `You have ${mine} labs running, which is as many as one person may. End one of them, then start this one.`,
    })
  }
  const all = await tx.sandbox.count({ where: { state: { in: [...LIVE_STATES, 'ending'] } } })
  if (all >= inAll) {
    throw new AppError('limit-reached', `the instance has ${all} live sandboxes`, {
      userMessage: `All ${inAll} places of this platform are taken right now. A place is free again as soon as someone ends a lab.`,
    })
  }
}

/** Goes on with the user's unsolved attempt; after a solve a new one begins. */
async function attemptFor(tx: Tx, userId: string, labId: string): Promise<{ id: string }> {
  await tx.lab.upsert({ where: { id: labId }, create: { id: labId }, update: {} })
  const open = await tx.attempt.findFirst({ where: { userId, labId, solvedAt: null }, orderBy: { startedAt: 'desc' } })
  return open ?? tx.attempt.create({ data: { userId, labId } })
}
