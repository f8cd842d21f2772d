import path from 'node:path'
import { defineConfig } from 'prisma/config'

// The CLI looks for a downloaded engine; ours is the Wasm build behind the same protocol (docs/decisions/0002).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.join(import.meta.dirname, 'scripts/schema-engine.mjs')

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://drydock@127.0.0.1:1/unset' },
})
