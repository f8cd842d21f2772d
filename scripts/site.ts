import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from '#cluster/contract.ts'
import { sleep } from '#cluster/exec.ts'
import { CommandFailed, hasEnded, run, spawnBound, stopChild } from './child.ts'
import { BIN, LOGS, ROOT } from './paths.ts'
import { hashFiles, listFiles, readStamp, writeStamp } from './stamp.mjs'

const CLIENT_INPUTS = ['prisma/schema.prisma', 'package-lock.json']
/** What `next build` reads. Content too: pages made at build time hold it. */
const SITE_INPUTS = [
  'app',
  'components',
  'content',
  'lib',
  'public',
  'prisma/schema.prisma',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'next.config.ts',
  'next.config.mjs',
  'postcss.config.mjs',
  'middleware.ts',
  'proxy.ts',
  'instrumentation.ts',
]
const isTest = (path: string) => /\.test\.tsx?$/.test(path)
const READY_TIMEOUT_MS = 60_000
const LOG_TAIL_LINES = 10

/** Runs `work`, which makes `product`, if the inputs differ from those of the last time that it succeeded. */
async function whenChanged(
  product: string,
  stampFile: string,
  inputs: string[],
  work: () => Promise<void>,
): Promise<boolean> {
  const hash = hashFiles(ROOT, listFiles(ROOT, inputs, isTest))
  if (existsSync(product) && readStamp(stampFile) === hash) return false
  await work()
  writeStamp(stampFile, hash)
  return true
}

/** Generates the Prisma client. */
export function generateClient(signal?: AbortSignal): Promise<boolean> {
  const folder = join(ROOT, 'generated')
  return whenChanged(join(folder, 'prisma', 'client.ts'), join(folder, 'stamp'), CLIENT_INPUTS, async () => {
    await run(join(BIN, 'prisma'), ['generate'], { cwd: ROOT, ...(signal ? { signal } : {}) })
  })
}

/** Builds the pages; true if there was something to build. @throws SetupError with the build's own words. */
export async function buildSite(signal?: AbortSignal): Promise<boolean> {
  await generateClient(signal)
  try {
    // A build that fails removes BUILD_ID.
    const folder = join(ROOT, '.next')
    return await whenChanged(join(folder, 'BUILD_ID'), join(folder, 'drydock-stamp'), SITE_INPUTS, async () => {
      await run(join(BIN, 'next'), ['build'], {
        cwd: ROOT,
        // Pages are built without a database; nothing of ours may leak into what browsers load.
        env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
        ...(signal ? { signal } : {}),
      })
    })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new SetupError(
      `The site could not be built.\n${error.tail}`,
      'Mend what the last lines name, then start again.',
      { cause: error },
    )
  }
}

/** A running server. `ended` resolves with the reason when it ends unasked. */
export type Site = { pid: number; ended: Promise<string>; stop: () => Promise<void> }

/**
 * Starts server/main.ts with this environment and waits until it answers.
 * @throws SetupError with the end of its log when it ends or stays silent instead.
 */
export async function startSite(env: NodeJS.ProcessEnv, log = join(LOGS, 'server.log')): Promise<Site> {
  const child = spawnBound(process.execPath, ['server/main.ts'], { cwd: ROOT, env, log })
  let stopping = false
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => !stopping && resolve(`ended with ${signal ?? code}`))
  })
  const stop = () => {
    stopping = true
    return stopChild(child, 'SIGTERM', 5000)
  }
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!(await answers(`http://127.0.0.1:${env.PORT}/api/health`))) {
    if (hasEnded(child)) {
      const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
      throw new SetupError(`The site’s server ended while it was starting:\n${said}`, `Its log is ${log}.`)
    }
    if (Date.now() > deadline) {
      await stop()
      throw new SetupError(`The site did not answer within ${READY_TIMEOUT_MS / 1000} s.`, `Its log is ${log}.`)
    }
    await sleep(100)
  }
  return { pid: child.pid ?? 0, ended, stop }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: 'manual' })
    await response.body?.cancel()
    return response.status < 500
  } catch {
    return false
  }
}
