import { join } from 'node:path'
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
  try {
    await prisma('deploy')
  } catch (error) {
    const cutShort = error instanceof CommandFailed && /P3009.*?The `(\w+)` migration started at/s.exec(error.tail)?.[1]
    if (!cutShort) throw error
    await prisma('resolve', '--rolled-back', cutShort)
    await prisma('deploy')
  }
}
