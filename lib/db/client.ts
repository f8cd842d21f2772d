import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '#generated/prisma/client.ts'
import { env } from '#lib/env.ts'

const shared = globalThis as { drydockDb?: PrismaClient }

/** The process's one database client; kept on globalThis because Next bundles `app` apart from `server`. */
export function db(): PrismaClient {
  shared.drydockDb ??= new PrismaClient({ adapter: new PrismaPg({ connectionString: env().DATABASE_URL }) })
  return shared.drydockDb
}
