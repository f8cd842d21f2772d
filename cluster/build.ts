import { createHash } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from './cache.ts'
import { type OnProgress, SetupError } from './contract.ts'
import { estimate } from './estimate.ts'
import { exec } from './exec.ts'
import { withLock } from './lock.ts'
import { buildKey, COMPONENTS, type Component, componentFlags, moduleDir } from './modules.ts'
import { findGo, type Go } from './toolchain.ts'

export type BuildOptions = {
  onProgress?: OnProgress
  /** Names of COMPONENTS; all but the extra ones when left out. */
  components?: string[]
}

/**
 * Builds what is not in the cache yet and resolves with a folder that holds every binary of the components asked for.
 * The folder's name is a hash of all inputs: the same versions, flags and Go give the same folder in every checkout.
 * @throws SetupError when a compiler or library is missing, or a build fails.
 */
export async function buildComponents(options: BuildOptions = {}): Promise<string> {
  const wanted = COMPONENTS.filter(({ name, extra }) => options.components?.includes(name) ?? !extra)
  const report = (step: string, progress = { done: 0, total: 1, etaSeconds: null as number | null }) =>
    options.onProgress?.({ component: 'binaries', step, ...progress })
  const go = await findGo((step) => report(step))
  const root = join(cacheDir(), 'bin')
  const keyed = wanted.map((component) => ({ component, folder: join(root, buildKey(component, go.version)) }))
  const together = join(root, `all-${hash(keyed.map(({ folder }) => folder).join())}`)
  if (existsSync(together)) return together

  mkdirSync(root, { recursive: true })
  const build = async () => {
    const missing = keyed.filter(({ folder }) => !existsSync(folder))
    await buildMissing(missing, go, report)
    if (!existsSync(together))
      linkTogether(
        together,
        keyed.map(({ folder }) => folder),
      )
  }
  await withLock(join(root, 'lock'), build, ({ pid }) =>
    report(`waiting for another checkout's build (process ${pid})`),
  )
  return together
}

type Keyed = { component: Component; folder: string }
type Report = (step: string, progress?: { done: number; total: number; etaSeconds: number | null }) => void

async function buildMissing(missing: Keyed[], go: Go, report: Report): Promise<void> {
  if (missing.length === 0) return
  await checkCompilers(missing.map(({ component }) => component))
  const steps = missing.map(({ component }) => component)
  const startedAt = Date.now()
  for (const [index, { component, folder }] of missing.entries()) {
    const stepStartedAt = Date.now()
    const tell = () =>
      report(
        `building ${component.name}`,
        estimate(steps, {
          index,
          stepElapsedSeconds: (Date.now() - stepStartedAt) / 1000,
          finishedSeconds: (stepStartedAt - startedAt) / 1000,
        }),
      )
    tell()
    const timer = setInterval(tell, 1000)
    try {
      await buildOne(component, folder, go)
    } finally {
      clearInterval(timer)
    }
  }
}

/** Builds into a folder beside the final one and renames it: a folder with a component's name is always whole. */
async function buildOne(component: Component, folder: string, go: Go): Promise<void> {
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  try {
    await runGo(go, ['build', ...componentFlags(component), '-o', `${partial}/`, 'tool'], component)
    for (const [from, to] of Object.entries(component.rename ?? {})) renameSync(join(partial, from), join(partial, to))
    for (const [name, source] of Object.entries(component.programs ?? {})) {
      const module = (await runGo(go, ['list', '-m', '-f', '{{.Dir}}', component.module], component)).trim()
      await exec('gcc', [
        '-Os',
        '-Wall',
        '-static',
        '-s',
        '-DVERSION=drydock',
        '-o',
        join(partial, name),
        join(module, source),
      ])
    }
    renameSync(partial, folder)
  } catch (error) {
    throw new SetupError(
      `Building ${component.name} failed: ${error instanceof Error ? error.message : error}`,
      'If a module could not be fetched, check the network and GOPROXY and run it again: finished parts are kept.',
      { cause: error },
    )
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

function runGo(go: Go, args: string[], component: Component): Promise<string> {
  // Ends with this process, so that a build given up does not go on unseen.
  return exec('setpriv', ['--pdeathsig', 'KILL', go.path, ...args], {
    cwd: moduleDir(component),
    env: {
      ...process.env,
      GOFLAGS: '-buildvcs=false',
      GOTOOLCHAIN: 'local',
      GOWORK: 'off',
      CGO_ENABLED: component.cgo ? '1' : '0',
    },
  })
}

async function checkCompilers(components: Component[]): Promise<void> {
  const needsC = components.some(({ cgo, programs }) => cgo || programs)
  const needsSeccomp = components.some(({ tags }) => tags === 'seccomp')
  try {
    if (needsC) await exec('gcc', ['--version'])
    if (needsSeccomp) await exec('pkg-config', ['--exists', 'libseccomp'])
  } catch (error) {
    throw new SetupError(
      'Building runc and pause needs a C compiler and libseccomp.',
      'Install them (Debian: apt-get install gcc libc6-dev pkg-config libseccomp-dev).',
      { cause: error },
    )
  }
}

function linkTogether(target: string, folders: string[]): void {
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial)
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      try {
        linkSync(join(folder, name), join(partial, name))
      } catch {
        // A file system without hard links.
        symlinkSync(join(folder, name), join(partial, name))
      }
    }
  }
  renameSync(partial, target)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
