import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { refuseNotRunning } from '#lib/sandbox/refuse-not-running.ts'

export type TerminalPlace = { sandboxId: string; machine: string; terminal: string }

/**
 * The namespace in which a user's terminal runs. @throws AppError `not-found` for a sandbox that is unknown or another
 * user's, and for a machine or terminal its lab does not have; `conflict` while the sandbox is being made; `gone` after.
 */
export async function findTerminal({ userId, ...place }: TerminalPlace & { userId: string }): Promise<string> {
  const { sandboxId, machine, terminal } = place
  const row = await db().sandbox.findFirst({
    where: { id: sandboxId, userId },
    select: { state: true, reason: true, labVersion: { select: { definition: true } } },
  })
  if (!row) throw new AppError('not-found', `no sandbox ${sandboxId} of user ${userId}`)
  refuseNotRunning({ ...row, id: sandboxId })
  const { lab } = parseDefinition(row.labVersion.definition)
  if (!lab.machines.some(({ name, terminals }) => name === machine && terminals.includes(terminal)))
    throw new AppError('not-found', `sandbox ${sandboxId} has no terminal ${machine}/${terminal}`)
  return namespacesOf(sandboxId).sys
}
