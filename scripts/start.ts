/** `npm start`: database, site, and meanwhile the embedded cluster; until Ctrl-C. bootstrap.mjs has prepared the machine. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuiltImage, SetupError } from '#cluster/contract.ts'
import { checkHost } from '#cluster/preflight.ts'
import { CommandFailed } from './child.ts'
import { ClusterStatusWriter } from './cluster-status.ts'
import { type Database, migrate, openDatabase } from './database.ts'
import { firstAdminLink } from './first-admin.ts'
import {
  ADDITIONS,
  add,
  bootCluster,
  buildParts,
  clusterOffers,
  imageMap,
  type OnStage,
  type Stage,
  untilClusterEnds,
} from './lab-cluster.ts'
import { findOwnProcesses } from './own-processes.ts'
import { CLUSTER_DATA, DATA, IMAGES_FILE, LOGS, RUNNING_FILE } from './paths.ts'
import { ProgressDisplay, renderBox } from './progress.ts'
import { announceRunning, type Running } from './running.ts'
import { loadSecrets } from './secrets.ts'
import { checkSettings, waysIn } from './settings.ts'
import { buildSite, type Site, startSite } from './site.ts'

const STAGE_NAMES: Record<Stage, string> = {
  programs: 'cluster programs',
  images: 'machine images',
  cluster: 'cluster',
  extras: 'registry',
  late: 'ingress controller',
}
/** Stopping takes a few seconds; whatever hangs is left to the kernel's death signals after this. */
const STOP_LIMIT_MS = 14_000
const MAX_CRASHES = 3
const CRASH_WINDOW_MS = 60_000

const port = process.env.PORT || '4200'
const siteUrl = process.env.NEXTAUTH_URL || `http://localhost:${port}`
const ownCluster = !process.env.KUBECONFIG
const display = new ProgressDisplay(process.stdout)
const stopping = new AbortController()

function onSignals(): void {
  // The terminal may be gone before we are.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) {
        display.say('Stopping at once.')
        process.exit(130)
      }
      display.close()
      display.say('\nStopping … (Ctrl-C again stops at once)')
      stopping.abort()
      setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    })
  }
}

/** The environment of server/main.ts: what the caller set wins, the rest is this installation's. */
function siteEnvironment(databaseUrl: string): NodeJS.ProcessEnv {
  const embedded = {
    KUBECONFIG: join(CLUSTER_DATA, 'kubeconfig'),
    DRYDOCK_IMAGES_FILE: IMAGES_FILE,
    ...clusterOffers(),
  }
  return {
    NEXTAUTH_SECRET: loadSecrets(DATA).nextAuthSecret,
    AUTH_DEV: /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(siteUrl) ? '1' : '0',
    HOST: '127.0.0.1',
    ...process.env,
    NODE_ENV: 'production',
    PORT: port,
    NEXTAUTH_URL: siteUrl,
    DATABASE_URL: databaseUrl,
    ...(ownCluster && embedded),
  }
}

/** Tells the site which images the cluster has. */
function writeImages(images: BuiltImage[]): void {
  writeFileSync(`${IMAGES_FILE}.new`, JSON.stringify(imageMap(images)))
  renameSync(`${IMAGES_FILE}.new`, IMAGES_FILE)
}

/** Builds, boots and watches the embedded cluster until stopping; its state goes to the terminal and, by the database, to pages. */
async function runCluster(status: ClusterStatusWriter): Promise<void> {
  const { signal } = stopping
  const onStage: OnStage = (stage, progress) => {
    if (signal.aborted) return
    display.update(STAGE_NAMES[stage], progress)
    if (stage !== 'extras' && stage !== 'late')
      void status.write(stage === 'cluster' ? 'booting' : 'building', progress)
  }
  try {
    const built = await buildParts(onStage, signal)
    writeImages(built.images)
    for (const stage of ['programs', 'images'] as const) display.finish(STAGE_NAMES[stage])
    for (let boots = 1; !signal.aborted; boots++) {
      const cluster = await bootCluster(CLUSTER_DATA, built, onStage)
      const ended = new AbortController()
      let additions = Promise.resolve()
      try {
        await status.write('ready')
        display.finish(STAGE_NAMES.cluster, signal.aborted ? '' : 'The cluster is ready: labs can be started.')
        additions = runAdditions(built.images, onStage, AbortSignal.any([signal, ended.signal]))
        await untilClusterEnds(CLUSTER_DATA, signal)
      } finally {
        ended.abort()
        await Promise.all([cluster.stop(), additions])
      }
      if (signal.aborted) return
      if (boots > MAX_CRASHES)
        throw new SetupError('The cluster ended again and again.', `Look into ${CLUSTER_DATA}/logs.`)
      await status.write('booting')
      display.say(`The cluster ended by itself (its logs: ${CLUSTER_DATA}/logs) and is being started again.`)
    }
  } catch (error) {
    if (signal.aborted) return
    const { message, wayOut } = asSetupError(error)
    for (const name of Object.values(STAGE_NAMES)) display.finish(name)
    display.say(`\nThe cluster is not available; lessons work, labs do not.\n  ${message}\n  ${wayOut}\n`)
    await status.write('failed', undefined, message)
  }
}

/** Brings what no first lab waits for to a cluster that is ready; labs that need it wait, and all others go on. */
async function runAdditions(images: BuiltImage[], onStage: OnStage, signal: AbortSignal): Promise<void> {
  const known = [...images]
  for (const addition of ADDITIONS) {
    const name = STAGE_NAMES[addition.stage]
    try {
      known.push(...(await add(addition, CLUSTER_DATA, onStage, signal)))
      writeImages(known)
      display.finish(name, addition.ready)
    } catch (error) {
      display.finish(name)
      if (signal.aborted) return
      const { message, wayOut } = asSetupError(error)
      display.say(`\n${addition.failed}\n  ${message}\n  ${wayOut}\n`)
    }
  }
}

/** Keeps the server running; resolves with why it cannot, or null when stopping. */
async function keepSiteRunning(env: NodeJS.ProcessEnv, first: Site): Promise<string | null> {
  const crashes: number[] = []
  for (let site = first; ; ) {
    const stopped = new Promise<null>((resolve) =>
      stopping.signal.addEventListener('abort', () => resolve(null), { once: true }),
    )
    const why = stopping.signal.aborted ? null : await Promise.race([site.ended, stopped])
    if (why === null) {
      await site.stop()
      return null
    }
    crashes.push(Date.now())
    if (crashes.filter((at) => Date.now() - at < CRASH_WINDOW_MS).length > MAX_CRASHES) {
      return `The site’s server ${why} again and again; its log is ${LOGS}/server.log.`
    }
    display.say(`The site’s server ${why} (its log: ${LOGS}/server.log) and is being started again.`)
    site = await startSite(env)
  }
}

function welcome(env: NodeJS.ProcessEnv, adminLink: string | null): string {
  const labs = ownCluster
    ? 'their cluster is being prepared; a line says when it is ready'
    : 'on the cluster that KUBECONFIG names'
  return renderBox([
    `Drydock is open   ${siteUrl}`,
    `Sign in           ${waysIn(env)}`,
    `Labs              ${labs}`,
    ...(adminLink ? ['First admin       whoever signs in and opens this link, once, within 24 hours:', adminLink] : []),
    'Stop              Ctrl-C',
  ])
}

function running(env: NodeJS.ProcessEnv): Running {
  const { DATABASE_URL = '', KUBECONFIG = '', CONTENT_DIR = 'content', AUTHORING } = env
  const authoring = AUTHORING === '1'
  return {
    pid: process.pid,
    url: siteUrl,
    databaseUrl: DATABASE_URL,
    kubeconfig: KUBECONFIG,
    contentDir: CONTENT_DIR,
    authoring,
  }
}

function asSetupError(error: unknown): SetupError {
  if (error instanceof SetupError) return error
  const said = error instanceof CommandFailed ? `:\n${error.tail}` : ''
  const message = (error instanceof Error ? error.message : String(error)) + said
  return new SetupError(message, `Look into ${LOGS}.`, { cause: error })
}

/** Opens the site and runs until it is told to stop or a part fails for good; then everything has been stopped. */
async function main(): Promise<void> {
  await using parts = new AsyncDisposableStack()
  rmSync(LOGS, { recursive: true, force: true })
  for (const stale of [IMAGES_FILE, RUNNING_FILE]) rmSync(stale, { force: true })
  mkdirSync(LOGS, { recursive: true, mode: 0o700 })
  checkSettings(siteEnvironment(process.env.DATABASE_URL || 'postgresql://embedded'))
  const problem = ownCluster ? checkHost() : null
  if (problem) throw problem

  const database = await openDatabase()
  parts.defer(database.stop)
  const building = Date.now()
  display.say('Preparing the site …')
  const migrated = migrate(database.url)
  parts.defer(() => migrated.catch(() => undefined))
  const [rebuilt] = await Promise.all([buildSite(stopping.signal), migrated])
  if (rebuilt) display.say(`Built the site (${Math.round((Date.now() - building) / 1000)} s)`)

  const status = new ClusterStatusWriter(database.url)
  parts.defer(() => status.close())
  await status.write(ownCluster ? 'building' : 'ready')
  const env = siteEnvironment(database.url)
  stopping.signal.throwIfAborted()
  const site = await startSite(env)
  parts.use(announceRunning(running(env)))
  const adminLink = env.AUTH_DEV === '1' ? null : await firstAdminLink(database.url, siteUrl)
  display.say(`\n${welcome(env, adminLink)}\n`)
  const clusterRun = ownCluster ? runCluster(status) : Promise.resolve()
  const why = await Promise.race([keepSiteRunning(env, site), databaseEnded(database)])
  stopping.abort()
  await Promise.all([site.stop(), clusterRun])
  await status.write('none')
  if (why) throw new SetupError(why, 'Everything was stopped; start again.')
}

async function databaseEnded(database: Database): Promise<string | null> {
  const why = await database.ended
  return stopping.signal.aborted ? null : why
}

onSignals()
try {
  await main()
  display.say('Stopped.')
} catch (error) {
  display.close()
  if (stopping.signal.aborted && !(error instanceof SetupError)) display.say('Stopped.')
  else {
    const { message, wayOut } = asSetupError(error)
    console.error(`\n${message}\n${wayOut}\n`)
    process.exitCode = 1
  }
}
// Nothing should be left by now; what is, goes.
for (const { pid } of findOwnProcesses()) process.kill(pid, 'SIGKILL')
process.exit()
