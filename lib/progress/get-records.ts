import type { RecordSource } from '#lib/content/catalogue.ts'
import { db } from '#lib/db/client.ts'

/** A reader's own measurement, the newest of it, or where they can make it. `at`: ISO time. */
export type ReaderRecord = { lesson: string; href: string; measured: { value: string; at: string } | null }

/** What a reader measured, by the records' ids; nobody else's can be asked for. Strangers measured nothing yet. */
export async function getRecords(
  userId: string | null,
  sources: RecordSource[],
): Promise<Record<string, ReaderRecord>> {
  const found = sources.map(async ({ id, labId, fact, lesson, href }) => {
    const [taskId = '', name = ''] = fact.split('.')
    const newest = userId
      ? await db().taskResult.findFirst({
          where: { taskId, attempt: { userId, labId }, firstPassAt: { not: null } },
          orderBy: { evaluatedAt: 'desc' },
        })
      : null
    const value = newest && (newest.values as Record<string, string>)[name]
    const measured = value ? { value, at: newest.evaluatedAt.toISOString() } : null
    return [id, { lesson, href, measured }] as const
  })
  return Object.fromEntries(await Promise.all(found))
}
