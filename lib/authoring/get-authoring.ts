import { needsReset } from '#lib/authoring/follow-content.ts'
import { catalogue, contentStamp, labOf } from '#lib/content/catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import type { Task } from '#lib/labs/schema.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { parsePreparation, stepLines } from '#lib/sandbox/preparation.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'
import { verdictWord } from '#lib/sandbox/view-parts.ts'

/** A task as its author looks at it: what is run, and what came out of it last. Times are ISO. */
export type TaskInspection = {
  id: string
  title: string
  /** The script's or the expression's source. */
  source: string
  last: { verdict: string; evidence: string; output: string; durationMs: number; at: string } | null
}

/**
 * `stamp` changes with the content's files. `inspection`: of the author's sandbox of the lab that was asked for, live or
 * failed; `steps` tells how its init steps ended, with what they printed.
 */
export type Authoring = {
  stamp: string
  problems: string[]
  inspection: { sandboxId: string; needsReset: boolean; steps: string[]; tasks: TaskInspection[] } | null
}

/**
 * What an author sees beside the page they write.
 * @throws AppError `not-found` where the platform is not started for authoring
 */
export async function getAuthoring({ userId, labId }: { userId: string; labId: string | null }): Promise<Authoring> {
  if (!env().AUTHORING) throw new AppError('not-found', 'this platform was not started for authoring')
  const { problems } = await catalogue()
  const inspection = labId === null ? null : await inspect(userId, labId)
  return { stamp: await contentStamp(), problems: problems.map(formatProblem), inspection }
}

async function inspect(userId: string, labId: string): Promise<Authoring['inspection']> {
  const sandbox = await db().sandbox.findFirst({
    where: { userId, labId, state: { in: [...LIVE_STATES, 'failed'] } },
    orderBy: { createdAt: 'desc' },
    include: { labVersion: true },
  })
  if (!sandbox) return null
  const definition = parseDefinition(sandbox.labVersion.definition)
  const newest = await db().verdict.findMany({
    where: { sandboxId: sandbox.id },
    orderBy: [{ taskId: 'asc' }, { id: 'desc' }],
    distinct: ['taskId'],
  })
  const tasks = definition.lab.tasks.map((task) => {
    const verdict = newest.find(({ taskId }) => taskId === task.id)
    const last = verdict && {
      verdict: verdictWord(verdict.verdict),
      evidence: verdict.evidence,
      output: verdict.detail,
      durationMs: verdict.durationMs,
      at: verdict.evaluatedAt.toISOString(),
    }
    return { id: task.id, title: task.title, source: sourceOf(task, definition.scripts), last: last ?? null }
  })
  const now = await labOf(labId)
  return {
    sandboxId: sandbox.id,
    needsReset: now !== null && needsReset(definition, now.definition),
    steps: stepLines(parsePreparation(sandbox.preparation)),
    tasks,
  }
}

function sourceOf({ check }: Task, scripts: Record<string, string>): string {
  if (check.run !== undefined) return scripts[check.run] ?? ''
  return check.kubernetes?.cel ?? JSON.stringify(check, null, 2)
}
