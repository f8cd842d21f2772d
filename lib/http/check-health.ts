import { db } from '#lib/db/client.ts'

/** Healthy: this process answers and its database does. Rejects when the database does not. */
export async function checkHealth(): Promise<{ status: 'ok' }> {
  await db().$queryRaw`select 1`
  return { status: 'ok' }
}
