import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailed, run } from '../child.ts'
import { freePort } from '../free-port.ts'
import { BIN, LOGS, ROOT } from '../paths.ts'
import { buildSite, startSite } from '../site.ts'
import { countPlaywright, failure, success } from './counts.ts'
import type { TestResources } from './resources.ts'
import type { Tier } from './tier.ts'
import { REPORTS, vitest } from './vitest.ts'

/** On a fresh machine the cluster is first built from source. */
const BUILD_MINUTES = 60

/** The tiers that need a database, a cluster, a browser: real ones, brought up as for `npm start`. */
export function liveTiers(resources: TestResources): Tier[] {
  return [
    { name: 'schema', title: 'migrations match the schema', run: (signal) => schema(resources, signal) },
    {
      name: 'db',
      title: 'database tests',
      run: async (signal) => vitest('db', await testEnvironment(resources), signal),
    },
    {
      name: 'cluster',
      title: 'cluster tests',
      limitMinutes: BUILD_MINUTES,
      run: async (signal) =>
        vitest('cluster', { ...(await testEnvironment(resources)), ...(await resources.cluster()) }, signal),
    },
    {
      name: 'browser',
      title: 'browser journey',
      limitMinutes: BUILD_MINUTES,
      run: (signal) => browser(resources, signal),
    },
  ]
}

async function testEnvironment(resources: TestResources): Promise<Record<string, string>> {
  const environment = await resources.environment(await resources.migratedDatabase())
  return { ...environment, NODE_ENV: 'test', LOG_LEVEL: 'warn' }
}

/** Replays the migrations into an empty database and compares the result with schema.prisma. */
async function schema(resources: TestResources, signal: AbortSignal) {
  const url = await resources.migratedDatabase()
  const args = ['migrate', 'diff', '--exit-code', '--from-config-datasource', '--to-schema', 'prisma/schema.prisma']
  const env = { ...process.env, DATABASE_URL: url }
  const { code, lines } = await run(join(BIN, 'prisma'), args, { cwd: ROOT, env, signal, allowFailure: true })
  if (code === 0) return success
  return failure(`prisma/schema.prisma says something that no migration does (exit code ${code}):\n${lines.join('\n')}`)
}

/** What the browser tests expect of the site: the OpenID provider and the mail server are run by them, for it to use. */
async function counterparts(): Promise<Record<string, string>> {
  return {
    OIDC_ISSUER: `http://127.0.0.1:${await freePort()}`,
    OIDC_CLIENT_ID: 'drydock',
    OIDC_CLIENT_SECRET: 'a-secret-of-the-tests',
    OIDC_NAME: 'Harbour Office',
    SMTP_URL: `smtp://127.0.0.1:${await freePort()}`,
    MAIL_FROM: 'Drydock <no-reply@drydock.example>',
    ADMIN_EMAILS: 'harbour.master@example.org',
    // So that a second guest is one too many.
    GUESTS: '1',
  }
}

/** The production build, served as `npm start` serves it, driven by Debian's Chromium. */
async function browser(resources: TestResources, signal: AbortSignal) {
  await buildSite(signal)
  const environment = await resources.environment(await resources.migratedDatabase())
  const env = {
    ...process.env,
    ...environment,
    ...(await counterparts()),
    ...(await resources.cluster()),
    NODE_ENV: 'production' as const,
  }
  const site = await startSite(env, join(LOGS, 'test-server.log'))
  try {
    const report = join(REPORTS, 'browser.json')
    rmSync(report, { force: true })
    const { code, lines } = await run(join(BIN, 'playwright'), ['test', '--reporter=json'], {
      cwd: ROOT,
      env: { ...env, BASE_URL: environment.NEXTAUTH_URL, PLAYWRIGHT_JSON_OUTPUT_FILE: report, FORCE_COLOR: '0' },
      signal,
      allowFailure: true,
    })
    if (!existsSync(report))
      throw new CommandFailed('playwright', `exit code ${code} and no report`, lines.slice(-40).join('\n'))
    const count = countPlaywright(readFileSync(report, 'utf8'))
    return code !== 0 && count.failed === 0 ? { ...count, failed: 1, problems: [lines.slice(-40).join('\n')] } : count
  } finally {
    await site.stop()
  }
}
