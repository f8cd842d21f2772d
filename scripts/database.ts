import { join } from 'node:path'
import { run } from './child.ts'
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

/** Brings the schema up to date with prisma/migrations. Safe to repeat, and two at once wait for one another. */
export async function migrate(databaseUrl: string): Promise<void> {
  await run(join(BIN, 'prisma'), ['migrate', 'deploy'], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl },
  })
}
