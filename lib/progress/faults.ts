import type { Fault, Prisma } from '#generated/prisma/client.ts'
import { db } from '#lib/db/client.ts'

/** What was asked for in a sandbox and is not over: to be injected, or to be mended. */
export const openFaults = (sandboxId: string): Promise<Fault[]> =>
  db().fault.findMany({ where: { sandboxId, failed: false, mendedAt: null }, orderBy: { askedAt: 'asc' } })

export async function updateFault({ sandboxId, scene, faultId }: Fault, data: Prisma.FaultUpdateInput): Promise<void> {
  await db().fault.updateMany({ where: { sandboxId, scene, faultId }, data })
}
