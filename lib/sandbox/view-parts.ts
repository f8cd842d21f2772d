import type {
  Answer,
  ClusterStatus,
  Fault,
  HintUse,
  Sandbox,
  TaskResult,
  VerdictValue,
} from '#generated/prisma/client.ts'
import { db } from '#lib/db/client.ts'
import { assertExhaustive } from '#lib/errors.ts'
import { hintText, type Lab } from '#lib/labs/schema.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import { shownText } from '#lib/sandbox/attempt-vars.ts'
import { type FittingHints, offeredHints } from '#lib/sandbox/offered-hints.ts'
import { parsePreparation } from '#lib/sandbox/preparation.ts'
import { NO_ROOM } from '#lib/sandbox/problems.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import type { SceneView, TaskView, Waiting } from '#lib/sandbox/view.ts'

/** What one start takes where everything is at hand; only for the estimate a learner reads. */
const START_SECONDS = 2

type Waiter = Pick<Sandbox, 'id' | 'state' | 'reason' | 'createdAt' | 'preparation'>

/** Its pods exist, and no node has room for them: for its learner that is the queue all the same. */
const waitsForRoom = ({ state, reason }: Pick<Sandbox, 'state' | 'reason'>): boolean =>
  state === 'provisioning' && reason === NO_ROOM

/** The state as its learner reads it. */
export const shownState = (row: Pick<Sandbox, 'state' | 'reason'>): SandboxState =>
  waitsForRoom(row) ? 'queued' : row.state

/** Why the sandbox is not ready yet; null when it is, or when it never will be. */
export async function waitingOf(row: Waiter): Promise<Waiting | null> {
  if (shownState(row) === 'provisioning') {
    const { running } = parsePreparation(row.preparation)
    // How long an author's steps take, nobody knows.
    if (running.length > 0) return { stage: running.join(', '), detail: '', etaSeconds: null, queuePosition: null }
    // With a reason, something holds it up.
    const etaSeconds = row.reason ? null : START_SECONDS
    return { stage: 'Starting the machine', detail: row.reason ?? '', etaSeconds, queuePosition: null }
  }
  if (shownState(row) !== 'queued') return null
  const ahead = await db().sandbox.count({
    where: {
      AND: [
        { OR: [{ state: 'queued' }, { state: 'provisioning', reason: NO_ROOM }] },
        { OR: [{ createdAt: { lt: row.createdAt } }, { createdAt: row.createdAt, id: { lt: row.id } }] },
      ],
    },
  })
  const full = await db().sandbox.findFirst({ where: { state: 'provisioning', reason: NO_ROOM }, select: { id: true } })
  if (full) return { stage: 'In the queue', detail: NO_ROOM, etaSeconds: await roomIn(ahead), queuePosition: ahead + 1 }
  const cluster = await db().clusterStatus.findUnique({ where: { id: 1 } })
  return waitingInQueue({ reason: row.reason, position: ahead + 1, cluster })
}

/** Seconds until as many others as needed will have ended, if nobody prolongs; null when there are not as many. */
async function roomIn(ahead: number): Promise<number | null> {
  const [ending] = await db().sandbox.findMany({
    where: { state: { in: ['ready', 'degraded'] } },
    orderBy: { expiresAt: 'asc' },
    skip: ahead,
    take: 1,
    select: { expiresAt: true },
  })
  return ending ? Math.max(0, Math.round((ending.expiresAt.getTime() - Date.now()) / 1000)) : null
}

/** The queue in words: first what the cluster still needs, then the place in it. Pure. */
export function waitingInQueue({
  reason,
  position,
  cluster,
}: {
  reason: string | null
  position: number
  cluster: Pick<ClusterStatus, 'state' | 'component' | 'step' | 'etaSeconds' | 'message'> | null
}): Waiting {
  const step = [cluster?.component, cluster?.step].filter(Boolean).join(': ')
  const wait = (stage: string, detail: string, etaSeconds: number | null): Waiting => ({
    stage,
    detail,
    etaSeconds,
    queuePosition: position,
  })
  switch (cluster?.state) {
    case 'building':
      return wait('Building the lab machines', step, cluster.etaSeconds)
    case 'booting':
      return wait('Booting the cluster', step, cluster.etaSeconds)
    case 'failed':
      return wait('The lab machines could not be set up', cluster.message ?? step, null)
    case 'none':
      return wait('No cluster is set up for labs', cluster.message ?? '', null)
    case 'unreachable':
      return wait('Waiting for the cluster', cluster.message ?? 'It does not answer right now.', null)
    default:
      return wait('In the queue', reason ?? '', cluster ? position * START_SECONDS : null)
  }
}

type Work = {
  results: TaskResult[]
  hintUses: HintUse[]
  answers: Answer[]
  fitting: FittingHints
  /** null before anybody has begun. */
  vars: VarValues | null
}
export const NO_WORK: Work = { results: [], hintUses: [], answers: [], fitting: {}, vars: null }

/** The lab's tasks with what is known of them. Pure. */
export function taskViews(lab: Lab, work: Work): TaskView[] {
  const results = new Map(work.results.map((result) => [result.taskId, result]))
  const holds = (taskId: string) => results.get(taskId)?.passedSince != null
  return lab.tasks.map((task) => {
    const result = results.get(task.id)
    const hints = lab.hints[task.id] ?? []
    const opened = openedHints(work.hintUses, task.id)
    const answer = work.answers.find(({ taskId }) => taskId === task.id)
    const waits = !holds(task.id) && !task.needs.every(holds)
    return {
      id: task.id,
      title: task.title,
      needs: task.needs,
      verdict: waits ? 'waiting' : result ? verdictWord(result.verdict) : null,
      evidence: waits ? '' : (result?.evidence ?? ''),
      wasTrueUntil: result && !result.passedSince ? (result.passedUntil?.toISOString() ?? null) : null,
      answer:
        task.kind === 'answer'
          ? {
              prompt: shownText(task.prompt ?? task.title, work.vars),
              value: answer?.value ?? null,
              checking: answer !== undefined && answer.judgedAt === null,
            }
          : null,
      hintsTotal: offeredHints(hints, opened, work.fitting[task.id] ?? []).length,
      hints: opened.flatMap((index) => hints[index] ?? []).map((hint) => shownText(hintText(hint), work.vars)),
    }
  })
}

/** Indexes of a task's hints in the order in which they were opened. */
export const openedHints = (hintUses: HintUse[], taskId: string): number[] =>
  hintUses
    .filter((use) => use.taskId === taskId)
    .sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime() || a.index - b.index)
    .map(({ index }) => index)

/** What the text shows of what scripts said, while their tasks hold. Pure. */
export function shownFacts(asked: string[], results: TaskResult[]): Record<string, string> {
  const facts = asked.flatMap((fact) => {
    const [taskId, name = ''] = fact.split('.')
    const result = results.find((one) => one.taskId === taskId && one.passedSince !== null)
    const value = result && (result.values as Record<string, string>)[name]
    return value === undefined ? [] : [[fact, value] as const]
  })
  return Object.fromEntries(facts)
}

/** The lab's scenes with what became of them here. Nothing tells which fault it is but a right name. Pure. */
export function sceneViews({ scenes = {} }: Lab, rows: Fault[]): SceneView[] {
  return Object.entries(scenes).map(([scene, faults]) => {
    const row = rows.find((one) => one.scene === scene)
    const named = row?.named ?? null
    const right = named === null ? null : faults.some(({ id, layer }) => id === row?.faultId && layer === named)
    const layers = [...new Set(faults.map(({ layer }) => layer))].sort((a, b) => a.localeCompare(b, 'en'))
    return { scene, layers, state: sceneState(row), named, right }
  })
}

function sceneState(row: Fault | undefined): SceneView['state'] {
  if (!row) return 'whole'
  if (row.failed) return 'failed'
  if (row.mendedAt) return 'mended'
  return row.injectedAt ? 'broken' : 'asked'
}

/** The variables that the text shows. Pure. */
export const shownVars = (asked: string[], vars: VarValues): Record<string, string> =>
  Object.fromEntries(asked.flatMap((name) => (Object.hasOwn(vars, name) ? [[name, String(vars[name])]] : [])))

/** A stored verdict in the words of checks. */
export function verdictWord(value: VerdictValue): 'pass' | 'not-yet' | 'broken' {
  switch (value) {
    case 'pass':
    case 'broken':
      return value
    case 'notYet':
      return 'not-yet'
    default:
      return assertExhaustive(value)
  }
}
