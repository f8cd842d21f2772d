import { isDeepStrictEqual } from 'node:util'
import { labOf } from '#lib/content/catalogue.ts'
import { db } from '#lib/db/client.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { publishSandbox } from '#lib/sandbox/publish.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'

/**
 * Gives live sandboxes the labs as their files are now: tasks, checks and hints change under the author's hands. What
 * only a start brings about (machines, files, init, hosts outside) stays as it was until the sandbox is reset.
 * @returns how many sandboxes got another version
 */
export async function followContent(): Promise<number> {
  const live = await db().sandbox.findMany({
    where: { state: { in: LIVE_STATES } },
    select: { id: true, labId: true, labDigest: true, labVersion: { select: { definition: true } } },
  })
  let followed = 0
  for (const { id, labId, labDigest, labVersion } of live) {
    const now = await labOf(labId)
    // A file with a mistake, for the moment: the sandbox stays with what it has.
    if (!now || now.digest === labDigest || needsReset(parseDefinition(labVersion.definition), now.definition)) continue
    const { digest, definition } = now
    await db().labVersion.upsert({ where: { digest }, create: { digest, labId, definition }, update: {} })
    const { count } = await db().sandbox.updateMany({ where: { id, labDigest }, data: { labDigest: digest } })
    followed += count
    if (count > 0) publishSandbox(id)
  }
  return followed
}

/** Whether what a start brings about differs. Pure. */
export function needsReset(before: LabDefinition, now: LabDefinition): boolean {
  return !isDeepStrictEqual(startOf(before), startOf(now))
}

function startOf({ lab, scripts, files }: LabDefinition) {
  const { machines, kubernetes, egress, init, load, vars } = lab
  return { machines, kubernetes, egress, init, load, vars, files, scripts: init?.map(({ run }) => scripts[run]) }
}
