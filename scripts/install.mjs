import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hashFiles, readStamp, writeStamp } from './stamp.mjs'

const LOCK_WAIT_SECONDS = 300

/** npm packages, when package-lock.json is another than last time. Not `npm ci`: see docs/decisions/0008. */
export async function installNpmPackages(root) {
  const stampFile = join(root, 'node_modules', '.drydock-stamp')
  const hash = hashFiles(root, ['package-lock.json'])
  if (readStamp(stampFile) === hash) return
  const npm = process.env.npm_execpath
  const [command, ...first] = npm && existsSync(npm) ? [process.execPath, npm] : ['npm']
  const args = [...first, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  await step('npm packages', () => execute(command, args, { cwd: root }))
  writeStamp(stampFile, hash)
}

/** Debian packages; waits while another program holds dpkg's or apt's lock. */
export async function installDebianPackages(missing) {
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  await step(`Debian packages (${names.join(' ')})`, async () => {
    const wait = ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_WAIT_SECONDS}`, '-o', 'Acquire::Retries=3']
    await retryWhileLocked(() => execute('apt-get', [...wait, 'update']))
    await retryWhileLocked(() => execute('apt-get', [...wait, 'install', '--yes', '--no-install-recommends', ...names]))
  })
}

/** DPkg::Lock::Timeout does not cover the lists' lock, so that one is waited for here. */
async function retryWhileLocked(work) {
  const deadline = Date.now() + LOCK_WAIT_SECONDS * 1000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!/Could not get lock|Unable to lock/.test(String(error)) || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
  }
}

/** Says what is being done, and how long it took. */
async function step(what, work) {
  const since = Date.now()
  const seconds = () => `${Math.round((Date.now() - since) / 1000)} s`
  const tty = process.stdout.isTTY
  if (!tty) console.log(`Installing ${what} …`)
  const tick = tty
    ? setInterval(
        () =>
          process.stdout.write(
            `\r\x1b[KInstalling ${what} … ${seconds()}`.slice(0, (process.stdout.columns || 80) + 4),
          ),
        500,
      )
    : undefined
  try {
    await work()
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`Installing ${what} failed: look at what follows, mend it and start again.\n\n${said}`)
  } finally {
    clearInterval(tick)
  }
  console.log(`${tty ? '\r\x1b[K' : ''}Installed ${what} (${seconds()})`)
}

/** Runs a program; its output matters only when it fails. */
function execute(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, ...options })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said = (said + chunk).slice(-4000)
      })
    }
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`)))
    child.once('close', (code) =>
      code === 0 ? resolve(undefined) : reject(new Error(said.trim() || `${command} ended with ${code}`)),
    )
  })
}
