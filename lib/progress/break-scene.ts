import { randomInt } from 'node:crypto'
import { activityTopic } from '#lib/checks/activity.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { publish } from '#lib/sandbox/publish.ts'
import { isUsable } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

type SceneOptions = { userId: string; sandboxId: string; scene: string }

/** The user's running sandbox with a scene of its lab. */
async function ownScene({ userId, sandboxId, scene }: SceneOptions) {
  const row = await db().sandbox.findFirst({
    where: { id: sandboxId, userId },
    include: { labVersion: true, faults: { where: { scene } } },
  })
  const { lab } = row ? parseDefinition(row.labVersion.definition) : {}
  const faults = Object.entries(lab?.scenes ?? {}).find(([name]) => name === scene)?.[1]
  if (!row || !lab || !faults) throw new AppError('not-found', `no scene ${scene} in sandbox ${sandboxId} of ${userId}`)
  if (!isUsable(row.state)) {
    throw new AppError('gone', `sandbox ${sandboxId} is ${row.state}`, {
      userMessage: 'That needs a running machine. Start it, then break it.',
    })
  }
  return { lab, faults, attemptId: row.attemptId, current: row.faults[0] }
}

/**
 * Asks for one of a scene's hidden faults, never the same twice running. While one is there, asking again changes nothing.
 * The reconciler injects it (lib/checks/fault-checks.ts).
 * @throws AppError `not-found` for a scene, or somebody else's sandbox; `gone` without a machine; `conflict` when what would
 * show the fault does not work yet
 */
export async function breakScene({ userId, sandboxId, scene }: SceneOptions): Promise<SandboxView> {
  const { lab, faults, attemptId, current } = await ownScene({ userId, sandboxId, scene })
  if (!current || current.mendedAt || current.failed) {
    const working = await db().taskResult.findMany({ where: { attemptId, passedSince: { not: null } } })
    const works = (taskId: string) => working.some((result) => result.taskId === taskId)
    const { mended } = faults.find((fault) => !works(fault.mended)) ?? {}
    if (mended !== undefined) {
      const number = lab.tasks.findIndex(({ id }) => id === mended) + 1
      throw new AppError('conflict', `task ${mended} of sandbox ${sandboxId} does not hold`, {
        userMessage: `Only what works can be broken. First bring task ${number} about.`,
      })
    }
    const others = faults.filter(({ id }) => id !== current?.faultId)
    const faultId = others[randomInt(others.length)]?.id ?? ''
    // Of two clicks, one deletes what is over and one makes the row; the other finds it there.
    await db().fault.deleteMany({ where: { sandboxId, scene, OR: [{ mendedAt: { not: null } }, { failed: true }] } })
    await db().fault.createMany({ data: { sandboxId, scene, faultId }, skipDuplicates: true })
    publish(activityTopic(sandboxId, 'line'), `sandbox:${sandboxId}`)
  }
  return getSandboxView({ userId, sandboxId })
}

/**
 * Keeps which layer the learner blames; the view says whether it is that one.
 * @throws AppError as `breakScene`; `bad-request` for a layer that the scene does not have, or while nothing is broken
 */
export async function nameLayer({ layer, ...options }: SceneOptions & { layer: string }): Promise<SandboxView> {
  const { userId, sandboxId, scene } = options
  const { faults, current } = await ownScene(options)
  if (!current?.injectedAt || !faults.some((fault) => fault.layer === layer)) {
    throw new AppError('bad-request', `layer ${layer} of scene ${scene}`, {
      userMessage: current?.injectedAt ? 'That is none of the layers.' : 'Nothing is broken yet.',
    })
  }
  await db().fault.updateMany({ where: { sandboxId, scene, mendedAt: null }, data: { named: layer } })
  publish(`sandbox:${sandboxId}`)
  return getSandboxView({ userId, sandboxId })
}
