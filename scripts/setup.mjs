import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { installDebianPackages, installNpmPackages } from './install.mjs'
import { lockHolder, startTime, takeLock } from './lock.mjs'
import { findRefusal, gatherFacts } from './preflight.mjs'

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
const lockFile = join(root, '.data', 'lock')
const stoppingFile = join(root, '.data', 'stopping')

/** The forms in which Ctrl-C arrives within this time (from the terminal, and again from npm) are one. */
const SAME_SIGNAL_MS = 400
/** start.ts takes no longer to stop. */
const STOP_LIMIT_MS = 16_000

/**
 * Looks whether this machine will do, installs what is missing, and hands over to scripts/<command>.ts.
 * @param {string} command
 * @param {string[]} args
 */
export async function main(command, args) {
  if (command !== 'start' && command !== 'test')
    return refuse(`There is no \`${command}\`: use \`npm start\` or \`npm test\`.`)
  process.chdir(root)
  await untilStopped()
  const facts = await gatherFacts(command, { root, lockFile })
  const refusal = findRefusal(facts)
  if (refusal) return refuse(refusal)
  mkdirSync(join(root, '.data'), { recursive: true, mode: 0o711 })
  const release = takeLock(lockFile)
  if (!release) return refuse('Another start from this checkout was faster: use that one, or a second clone.')
  rmSync(stoppingFile, { force: true })
  process.on('exit', () => {
    rmSync(stoppingFile, { force: true })
    release()
  })

  const stopEarly = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stopEarly)
  try {
    await Promise.all([installNpmPackages(root), installDebianPackages(facts.missing)])
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stopEarly)
  handOver(command, args)
}

/** npm ends at once on SIGTERM, while what it ran is still stopping: a start right after waits for that. */
async function untilStopped() {
  const deadline = Date.now() + STOP_LIMIT_MS
  while (existsSync(stoppingFile) && lockHolder(lockFile) !== null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function refuse(sentence) {
  console.error(`\n${sentence}\n`)
  process.exit(1)
}

/** Runs the command on Node 24. Signals go to it, its exit code is ours, and it ends in order if we are killed. */
function handOver(command, args) {
  const own = join(root, 'node_modules', '.bin', 'node')
  const node = existsSync(own) ? own : process.execPath
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':')
  // Marks every process of this run (own-processes.ts).
  const run = `${process.pid}-${startTime(process.pid)}`
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', node, join('scripts', `${command}.ts`), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, DRYDOCK_RUN: run, NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' },
    // A session of its own: Ctrl-C reaches it once, through us.
    detached: true,
  })
  let last = 0
  const pass = (signal) => {
    if (Date.now() - last < SAME_SIGNAL_MS) return
    last = Date.now()
    writeFileSync(stoppingFile, '')
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal))
  // Killed by force, npm cannot pass anything on: then our parent changes.
  const parent = process.ppid
  const orphaned = () => process.ppid !== parent && last === 0 && pass('SIGTERM')
  if (process.env.npm_lifecycle_event) setInterval(orphaned, 500).unref()
  child.once('error', (error) => refuse(`Node could not be started: ${error.message}.`))
  child.once('exit', (code, signal) => {
    if (signal)
      console.error(
        `\nDrydock's main process was ended by ${signal}; what it ran ends with it. The next start tidies up.\n`,
      )
    process.exit(code ?? 1)
  })
}
