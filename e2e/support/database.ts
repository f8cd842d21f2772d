import pg from 'pg'

/** The rows that one statement gives, from the site's own database. */
export async function query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** Nobody makes machines until `release`, as if every reconciler were away; a minute at most. */
export async function holdReconcilers(): Promise<{ release: () => Promise<unknown> }> {
  const until = (interval: string) =>
    query(
      `update "Lease" set holder = 'a browser test', token = token + 1,
         "expiresAt" = (now() at time zone 'utc') + $1::interval where name = 'reconciler'`,
      [interval],
    )
  await until('1 minute')
  return { release: () => until('-1 second') }
}

/** The sandbox now ends in `interval`, in PostgreSQL's words. */
export const endIn = (sandboxId: string, interval: string): Promise<unknown> =>
  query(
    `update "Sandbox" set "expiresAt" = (now() at time zone 'utc') + $2::interval, fence = fence + 1 where id = $1`,
    [sandboxId, interval],
  )
