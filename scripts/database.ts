import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { CommandFailed, run } from './child.ts'
import { BIN, DATA, LOGS, ROOT } from './paths.ts'
import { startPostgres } from './postgres.ts'
import { loadSecrets } from './secrets.ts'

/** The database in use. `ended` resolves with the reason when an embedded one stops unasked. */
export type Database = { url: string; embedded: boolean; ended: Promise<string>; stop: () => Promise<void> }

/** The database that DATABASE_URL names, or else the embedded one of this checkout, started. */
export async function openDatabase(): Promise<Database> {
  const given = process.env.DATABASE_URL
  if (given) return { url: given, embedded: false, ended: new Promise(() => undefined), stop: async () => undefined }
  const { postgresPassword } = loadSecrets(DATA)
  const server = await startPostgres({
    dataDir: join(DATA, 'pg'),
    password: postgresPassword,
    log: join(LOGS, 'postgres.log'),
  })
  return { ...server, embedded: true }
}

/**
 * Brings the schema up to date with prisma/migrations. Safe to repeat, and two at once wait for one another. A migration
 * that a crash cut short is tried again: PostgreSQL has taken all of it back, as it runs in one transaction.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const prisma = (...args: string[]) =>
    run(join(BIN, 'prisma'), ['migrate', ...args], { cwd: ROOT, env: { ...process.env, DATABASE_URL: databaseUrl } })
  if (await isMigrated(databaseUrl)) return
  try {
    await prisma('deploy')
  } catch (error) {
    const cutShort = error instanceof CommandFailed && /P3009.*?The `(\w+)` migration started at/s.exec(error.tail)?.[1]
    if (!cutShort) throw error
    await prisma('resolve', '--rolled-back', cutShort)
    await prisma('deploy')
  }
}

/** Whether every migration of this checkout has been applied: asking costs milliseconds, Prisma's own command seconds. */
async function isMigrated(databaseUrl: string): Promise<boolean> {
  const wanted = readdirSync(join(ROOT, 'prisma', 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  const client = new pg.Client({ connectionString: databaseUrl })
  try {
    await client.connect()
    const applied = await client.query<{ name: string }>(
      'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    )
    return wanted.every((name) => applied.rows.some((row) => row.name === name))
  } catch {
    // No such table yet, or no such database: Prisma says what is wrong.
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
