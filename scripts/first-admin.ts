import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'

/** How long the link works; a new start makes a new one. */
const HOURS = 24

/**
 * The one-time link that makes whoever signs in and opens it an administrator, or null when there is one already.
 * Links of earlier starts stop working. Only a hash is stored; lib/account/claim-first-admin.ts takes it.
 */
export async function firstAdminLink(databaseUrl: string, siteUrl: string): Promise<string | null> {
  const token = randomBytes(32).toString('hex')
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(`delete from "VerificationToken" where identifier = 'first-admin'`)
    const { rowCount } = await client.query(
      `insert into "VerificationToken" (identifier, token, expires)
       select 'first-admin', $1, now() at time zone 'utc' + make_interval(hours => $2)
       where not exists (select from "User" where role = 'admin')`,
      [createHash('sha256').update(token).digest('hex'), HOURS],
    )
    return rowCount ? new URL(`/signin/admin?token=${token}`, siteUrl).href : null
  } finally {
    await client.end()
  }
}
