import type { Prisma } from '#generated/prisma/client.ts'
import { textOf } from '#lib/content/catalogue.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { parseVars } from '#lib/sandbox/attempt-vars.ts'
import { MAX_EXTENSIONS } from '#lib/sandbox/duration.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { parseFitting } from '#lib/sandbox/offered-hints.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { sceneViews, shownFacts, shownState, shownVars, taskViews, waitingOf } from '#lib/sandbox/view-parts.ts'

const INCLUDE = {
  labVersion: true,
  attempt: { include: { results: true, hintUses: true, answers: true } },
  user: { select: { role: true } },
  faults: true,
} as const
type Row = Prisma.SandboxGetPayload<{ include: typeof INCLUDE }>

/** The user's sandbox as its page shows it. @throws AppError `not-found` for an unknown or foreign id */
export async function getSandboxView({
  userId,
  sandboxId,
}: {
  userId: string
  sandboxId: string
}): Promise<SandboxView> {
  const row = await db().sandbox.findFirst({ where: { id: sandboxId, userId }, include: INCLUDE })
  if (!row) throw new AppError('not-found', `no sandbox ${sandboxId} of user ${userId}`)
  return viewOf(row)
}

/** The user's live sandbox of a lab, else their newest, whatever became of it; null when there was none. */
export async function findSandboxView({
  userId,
  labId,
}: {
  userId: string
  labId: string
}): Promise<SandboxView | null> {
  const newest = (where: object) =>
    db().sandbox.findFirst({
      where: { userId, labId, ...where },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      include: INCLUDE,
    })
  const row = (await newest({ state: { in: LIVE_STATES } })) ?? (await newest({}))
  return row && viewOf(row)
}

async function viewOf(row: Row): Promise<SandboxView> {
  const { lab } = parseDefinition(row.labVersion.definition)
  const { results, hintUses, answers, fittingHints } = row.attempt
  const vars = parseVars(row.attempt.vars)
  const text = await textOf(row.labId)
  const guest = row.user.role === 'guest'
  return {
    id: row.id,
    labId: row.labId,
    attemptId: row.attemptId,
    state: shownState(row),
    reason: row.reason,
    waiting: await waitingOf(row),
    now: new Date().toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    extensionsLeft: guest ? 0 : Math.max(0, MAX_EXTENSIONS - row.extensions),
    machines: lab.machines.map(({ name, terminals }) => ({ name, terminals })),
    ports: (lab.ports ?? []).map(({ title }) => title),
    previews: env().PREVIEW_DOMAIN !== '',
    tasks: taskViews(lab, { results, hintUses, answers, vars, fitting: parseFitting(fittingHints) }),
    scenes: sceneViews(lab, row.faults),
    vars: shownVars(text?.vars ?? [], vars),
    facts: shownFacts(text?.facts ?? [], results),
    solvedAt: row.attempt.solvedAt?.toISOString() ?? null,
    guest,
  }
}
