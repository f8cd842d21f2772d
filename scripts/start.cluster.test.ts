import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import { waitFor } from '#cluster/exec.ts'
import { findLeftovers } from '#cluster/leftovers.ts'
import { childrenOf } from '#cluster/processes.ts'
import { freePort } from './free-port.ts'
import { lockHolder } from './lock.mjs'
import { findOwnProcesses } from './own-processes.ts'
import { ROOT } from './paths.ts'
import { findPortHolder } from './preflight.mjs'

/** `npm start` in a checkout of its own, as a person has it: what is committed or would be, with packages installed. */
let checkout: string
let port: number

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'drydock-start-'))
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const file of files.split('\0').filter((name) => name && existsSync(join(ROOT, name)))) {
    cpSync(join(ROOT, file), join(checkout, file), { verbatimSymlinks: true })
  }
  // Hard links: a second copy of the packages costs no space. What is built is copied, as it is written to.
  execFileSync('cp', ['-al', join(ROOT, 'node_modules'), join(checkout, 'node_modules')])
  for (const built of ['.next', 'generated']) {
    if (existsSync(join(ROOT, built))) execFileSync('cp', ['-a', join(ROOT, built), join(checkout, built)])
  }
  port = await freePort()
})
afterAll(() => rmSync(checkout, { recursive: true, force: true }))

type Run = { npm: ChildProcess; output: () => string; mark: () => string }

/** Starts it and waits for a line. */
async function start(line: RegExp): Promise<Run> {
  const {
    DATABASE_URL: _,
    KUBECONFIG: __,
    DRYDOCK_IMAGES: ___,
    NEXTAUTH_URL: ____,
    DRYDOCK_RUN: _____,
    ...env
  } = process.env
  const npm = spawn('npm', ['start'], {
    cwd: checkout,
    env: { ...env, PORT: String(port), NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [npm.stdout, npm.stderr]) stream?.on('data', (chunk) => (output += chunk))
  onTestFailed(() => console.error(output))
  const said = async () => {
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}:\n${output}`)
    return line.test(output)
  }
  await waitFor(`"${line.source}"`, said, { timeoutMs: 100_000 })
  const main = mainProcess(npm)
  const environ = readFileSync(`/proc/${main}/environ`, 'utf8')
  const mark = /(?:^|\0)DRYDOCK_RUN=([^\0]+)/.exec(environ)?.[1] ?? ''
  expect(mark).not.toBe('')
  return { npm, output: () => output, mark: () => mark }
}

/** scripts/start.ts, below npm and the setup. */
function mainProcess(npm: ChildProcess): number {
  const isMain = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('scripts/start.ts')
  const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)])
  return below(npm.pid ?? 0).find(isMain) ?? 0
}

/** Everything of a run that exists now. */
async function whatIsLeft(run: Run) {
  return {
    ...findLeftovers(join(checkout, '.data', 'cluster')),
    own: findOwnProcesses(run.mark()),
    port: await findPortHolder(port),
    lock: lockHolder(join(checkout, '.data', 'lock')),
  }
}
const NOTHING = { processes: [], mounts: [], interfaces: [], cgroups: [], own: [], port: null, lock: null }

async function expectNothingLeft(run: Run, withinMs: number): Promise<void> {
  const isNothing = async () => JSON.stringify(await whatIsLeft(run)) === JSON.stringify(NOTHING)
  await waitFor('nothing to be left', isNothing, { timeoutMs: withinMs }).catch(() => undefined)
  expect(await whatIsLeft(run)).toEqual(NOTHING)
}

it('opens the site, boots the cluster, and leaves nothing after SIGTERM', async () => {
  const run = await start(/The cluster is ready/)
  expect(run.output()).toContain(`http://localhost:${port}`)
  const response = await fetch(`http://localhost:${port}/api/health`)
  expect(response.status).toBe(200)
  expect(findLeftovers(join(checkout, '.data', 'cluster')).interfaces).toHaveLength(1)

  const second = spawn('npm', ['start'], { cwd: checkout, env: { ...process.env, PORT: String(port + 1) } })
  let said = ''
  second.stderr.on('data', (chunk) => (said += chunk))
  expect((await once(second, 'exit'))[0]).toBe(1)
  expect(said).toContain('Drydock already runs from this checkout')

  const since = performance.now()
  run.npm.kill('SIGTERM')
  await expectNothingLeft(run, 15_000)
  expect(performance.now() - since).toBeLessThan(15_000)
  expect(run.output()).toMatch(/Stopping ….*\n+Stopped\.\n$/)
})

it.each(['the main process', 'npm and the setup'])(
  'leaves nothing after SIGKILL of %s, and starts again',
  async (victim) => {
    const run = await start(/Drydock is open/)
    const main = mainProcess(run.npm)
    if (victim === 'the main process') process.kill(main, 'SIGKILL')
    // npm and the setup are npm's process group; the main process has one of its own.
    else process.kill(-(run.npm.pid ?? 0), 'SIGKILL')
    await expectNothingLeft(run, 15_000)
  },
)
