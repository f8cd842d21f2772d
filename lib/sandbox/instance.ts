import { randomBytes } from 'node:crypto'
import { db } from '#lib/db/client.ts'

/**
 * This platform's name on a shared cluster, the value of the instance label. Drawn once and kept in the database, so that a
 * database made anew does not know, and never sweeps, what another one started.
 */
export async function instanceName(): Promise<string> {
  const name = `i-${randomBytes(8).toString('hex')}`
  // Not upsert: of several processes that start at once, the first one's name stands.
  await db().$executeRaw`insert into "Instance" ("id", "name") values (1, ${name}) on conflict do nothing`
  const row = await db().instance.findUniqueOrThrow({ where: { id: 1 } })
  return row.name
}
