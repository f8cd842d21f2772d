import { defineConfig } from 'vitest/config'

/** Three tiers by what a test needs: nothing (*.test.ts), a PostgreSQL (*.db.test.ts), a cluster (*.cluster.test.ts). */
const everywhere = '{app,attack,bench,cluster,components,content,images,lab,lib,scripts,server}/**/*'
const tests = (kind: string) => [`${everywhere}.${kind}test.{ts,tsx}`]

export default defineConfig({
  test: {
    environment: 'node',
    restoreMocks: true,
    projects: [
      {
        extends: true,
        // Long enough for a busy machine: a limit here is against hanging, not a measurement.
        test: {
          name: 'unit',
          include: tests(''),
          exclude: tests('db.').concat(tests('cluster.')),
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        // One database for all: one file at a time.
        test: { name: 'db', include: tests('db.'), fileParallelism: false, testTimeout: 20_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: tests('cluster.'),
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
