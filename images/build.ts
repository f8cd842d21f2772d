import { copyFile, mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BuiltImage, type OnProgress, SetupError } from '#cluster/contract.ts'
import { tryLock } from '#cluster/lock.ts'
import { type Buildah, buildahIn } from './buildah.ts'
import { rootfsRecipe } from './debian.ts'
import { binaryPath, copyFolder, inputsOf } from './inputs.ts'
import { type ImageSpec, images } from './list.ts'
import { meter } from './meter.ts'
import { archiveName, imageHash, imageRef, inOrder, outdated, partsOf } from './plan.ts'
import { CommandFailed, runContained } from './process.ts'
import { writeStorage } from './registry-storage.ts'

export type BuildOptions = {
  /** Folder of the cluster's programs. Only needed when an image that holds one is wanted. */
  binDir?: string
  onProgress: OnProgress
  /** Names of the images wanted; what they are built from comes along. Default: all that a cluster needs. */
  only?: readonly string[]
  /** Ends the build, leaving nothing behind. */
  signal?: AbortSignal
  /** Where archives and logs are kept. Default: `images` in Drydock's cache folder. */
  cacheDir?: string
  /** The Go command that compiles the agent. Default: the one on PATH, else /usr/local/go/bin/go. */
  go?: string
}

export type Planned = BuiltImage & { spec: ImageSpec; hash: string }

/** Archives of one image kept, the newest included: other checkouts may stand at another commit. */
const KEPT_ARCHIVES = 3
/** Store, contexts and archives of a whole build took 1.1 GB at their highest. */
const NEEDED_BYTES = 2 * 1024 ** 3

const imagesDir = import.meta.dirname
const repositoryDir = join(imagesDir, '..')

/**
 * Builds what is missing and returns the wanted images. With nothing to build it only hashes the inputs.
 * Throws SetupError with the way out; rejects with the signal's reason when aborted. Whatever happens, no process, mount or
 * temporary file is left (after SIGKILL: files, which the next build removes).
 */
export async function buildImages(options: BuildOptions): Promise<BuiltImage[]> {
  const cacheDir = options.cacheDir ?? defaultCacheDir()
  const planned = await planImages({ ...options, cacheDir })
  const wanted = planned.filter(({ spec }) => (options.only ? options.only.includes(spec.name) : isDefault(spec)))
  if ((await missing(wanted)).length > 0) await buildMissing(planned, wanted, cacheDir, options)
  await Promise.all(wanted.map(({ archive }) => markUsed(archive)))
  return wanted.map(({ name, ref, archive, spec }) => ({
    name,
    ref,
    archive,
    ...(spec.aliases && { aliases: spec.aliases }),
  }))
}

/** What every cluster needs before its first lab. */
const isDefault = ({ internal, extra, late }: ImageSpec) => !internal && !extra && !late

/** What the wanted images and their parents are called, built or not, parents first. */
export async function planImages(options: {
  only?: readonly string[]
  binDir?: string
  cacheDir?: string
}): Promise<Planned[]> {
  const cacheDir = options.cacheDir ?? defaultCacheDir()
  const wanted = options.only ?? images.filter(isDefault).map(({ name }) => name)
  const specs = inOrder(images, wanted)
  const inputs = await Promise.all(
    specs.map((spec) => inputsOf(spec, { imagesDir, repositoryDir, binDir: options.binDir })),
  )
  const hashes = new Map<string, string>()
  return specs.map((spec, index) => {
    const hash = imageHash(spec, { files: inputs[index] ?? [], parents: hashes, platform: `linux/${process.arch}` })
    hashes.set(spec.name, hash)
    return {
      name: spec.name,
      ref: imageRef(spec.name, hash),
      archive: join(cacheDir, archiveName(spec.name, hash)),
      spec,
      hash,
    }
  })
}

function defaultCacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'drydock', 'images')
}

async function buildMissing(
  planned: Planned[],
  wanted: Planned[],
  cacheDir: string,
  options: BuildOptions,
): Promise<void> {
  requirePossible()
  await mkdir(join(cacheDir, 'logs'), { recursive: true })
  await using ending = endOnSignal(options.signal)
  const { signal } = ending
  const unlock = await lockBuilds(join(cacheDir, '.lock'), signal, options.onProgress)
  const work = join(cacheDir, `.work-${process.pid}`)
  try {
    await removeLeftovers(cacheDir)
    const building = await needed(planned, wanted)
    if (building.length === 0) return
    await requireRoom(cacheDir)
    await mkdir(work)
    await buildAll(building, planned, { cacheDir, work, signal, options })
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    unlock()
  }
}

/** Waits until no other build, of this or another checkout, is under way. */
async function lockBuilds(file: string, signal: AbortSignal, onProgress: OnProgress): Promise<() => void> {
  for (;;) {
    signal.throwIfAborted()
    const lock = tryLock(file)
    if (lock.held) return lock.release
    const step = `waiting for another build (process ${lock.holder.pid})`
    onProgress({ component: 'images', step, done: 0, total: 1, etaSeconds: null })
    await delay(500, undefined, { signal })
  }
}

type Run = { cacheDir: string; work: string; signal: AbortSignal; options: BuildOptions }

async function buildAll(building: Planned[], planned: Planned[], run: Run): Promise<void> {
  const progress = meter(
    run.options.onProgress,
    building.reduce((sum, { spec }) => sum + spec.seconds, 0),
  )
  let log = ''
  const buildah = await buildahIn(run.work, {
    log: () => log,
    signal: run.signal,
    onLine: (line) => {
      const step = /^(?:\[\d+\/\d+\] )?STEP (\d+\/\d+: .*)/.exec(line)
      if (step?.[1]) progress.step(step[1].replace(/\s+/g, ' ').slice(0, 60))
    },
  })
  const loaded = new Set<string>()
  try {
    for (const image of building) {
      log = join(run.cacheDir, 'logs', `${image.name}.log`)
      await rm(log, { force: true })
      progress.begin(image.name, image.spec.seconds)
      try {
        await buildOne(image, planned, { ...run, buildah, log, loaded, step: progress.step })
      } catch (error) {
        throw explained(image.name, log, error)
      }
      await removeOutdated(image.name, run.cacheDir)
      progress.finish()
    }
  } finally {
    progress.stop()
  }
}

type OneRun = Run & { buildah: Buildah; log: string; loaded: Set<string>; step: (text: string) => void }

async function buildOne(image: Planned, planned: Planned[], run: OneRun): Promise<void> {
  const args: Record<string, string> = {}
  for (const [arg, name] of Object.entries(image.spec.from ?? {})) {
    const parent = planned.find((other) => other.name === name)
    if (!parent) throw new Error(`${name} was not planned`)
    args[arg] = parent.ref
    if (run.loaded.has(name)) continue
    run.step(`reading ${name}`)
    await run.buildah.load(parent.archive)
    run.loaded.add(name)
  }
  const context = join(run.work, 'context', image.name)
  await copyFolder(join(imagesDir, image.name), context)
  for (const addition of image.spec.adds ?? []) {
    const file = join(context, addition.file)
    switch (addition.kind) {
      case 'binary':
        await copyFile(binaryPath(image.spec, addition.file, run.options.binDir), file)
        break
      case 'go':
        run.step(`compiling ${addition.module}`)
        await runContained(await goCommand(run.options.go), ['build', '-trimpath', '-ldflags=-s -w', '-o', file, '.'], {
          log: run.log,
          signal: run.signal,
          cwd: join(repositoryDir, addition.module),
          env: { CGO_ENABLED: '0' },
        })
        break
      case 'storage':
        run.step('laying out what it holds')
        await writeStorage(
          file,
          planned.filter(({ name }) => addition.images.includes(name)),
        )
        break
      case 'debian':
        run.step(`Debian ${addition.suite} by mmdebstrap`)
        await runContained('mmdebstrap', [...rootfsRecipe(addition.suite), file], {
          log: run.log,
          signal: run.signal,
          env: { TMPDIR: join(run.work, 'tmp') },
          onLine: (line) => {
            const what = /^I: ((?:running apt-get|downloading|extracting|installing|creating) [^.]*)/.exec(line)
            if (what?.[1]) run.step(`Debian ${addition.suite}: ${what[1]}`)
          },
        })
    }
  }
  await run.buildah.build({ ref: image.ref, context, args, ...(image.spec.target && { target: image.spec.target }) })
  run.loaded.add(image.name)
  await rm(context, { recursive: true })
  run.step('writing the archive')
  const unfinished = join(run.work, archiveName(image.name, image.hash))
  await run.buildah.save(image.ref, unfinished)
  await flush(unfinished)
  await rename(unfinished, image.archive)
}

/** What must be built, parents first: wanted images without an archive, and parents of those without one. */
async function needed(planned: Planned[], wanted: Planned[]): Promise<Planned[]> {
  const absent = new Set(await missing(planned))
  const building = new Set<Planned>()
  const visit = (image: Planned) => {
    if (!absent.has(image)) return
    building.add(image)
    const parts = partsOf(image.spec)
    planned.filter(({ name }) => parts.includes(name)).forEach(visit)
  }
  wanted.forEach(visit)
  return planned.filter((image) => building.has(image))
}

async function missing(list: Planned[]): Promise<Planned[]> {
  const there = await Promise.all(
    list.map(({ archive }) =>
      stat(archive).then(
        () => true,
        () => false,
      ),
    ),
  )
  return list.filter((_, index) => !there[index])
}

async function markUsed(archive: string): Promise<void> {
  const now = new Date()
  // A cache folder that only another user may write to still serves.
  await utimes(archive, now, now).catch(() => {})
}

async function removeOutdated(name: string, cacheDir: string): Promise<void> {
  const files = (await readdir(cacheDir)).filter((file) => file.endsWith('.tar'))
  const found = await Promise.all(
    files.map(async (file) => ({ file, usedMs: (await stat(join(cacheDir, file))).mtimeMs })),
  )
  for (const file of outdated(name, found, KEPT_ARCHIVES)) await rm(join(cacheDir, file), { force: true })
}

/** Work folders of builds that were killed: whoever holds the lock is the only one building. */
async function removeLeftovers(cacheDir: string): Promise<void> {
  const leftovers = (await readdir(cacheDir)).filter((file) => file.startsWith('.work-'))
  for (const folder of leftovers)
    await rm(join(cacheDir, folder), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

async function flush(file: string): Promise<void> {
  await using handle = await open(file, 'r')
  await handle.sync()
}

async function goCommand(given: string | undefined): Promise<string> {
  if (given) return given
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/go/bin']
  for (const folder of folders) {
    const there = await stat(join(folder, 'go')).catch(() => null)
    if (there?.isFile()) return join(folder, 'go')
  }
  throw new SetupError(
    'The agent is compiled with Go, and no `go` was found.',
    'Install Go 1.26 or newer, or name it with --go.',
  )
}

function requirePossible(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new SetupError(
      'Machine images are built with buildah, which here needs Linux and root.',
      'Run as root, or build them with docker: images/README.md has the commands.',
    )
}

async function requireRoom(cacheDir: string): Promise<void> {
  const { bavail, bsize } = await statfs(cacheDir)
  if (bavail * bsize >= NEEDED_BYTES) return
  const free = (bavail * bsize) / 1024 ** 3
  throw new SetupError(
    `Building the images needs 2 GB of disk below ${cacheDir}; ${free.toFixed(1)} GB are free.`,
    'Make room, or point XDG_CACHE_HOME at a larger disk.',
  )
}

function explained(name: string, log: string, error: unknown): unknown {
  if (!(error instanceof CommandFailed)) return error
  const absent = error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ENOENT'
  const wayOut = absent
    ? 'Install the packages of scripts/debian-packages.txt (npm start does, as root on Debian).'
    : `The whole log is ${log}. If it speaks of names or connections, this machine did not reach its Debian mirror: try again.`
  return new SetupError(`The image ${name} could not be built. ${error.message}\n${error.tail}`.trimEnd(), wayOut, {
    cause: error,
  })
}

/**
 * A signal that also fires on SIGINT and SIGTERM while we build. On disposal, the program's own way of ending is restored: where
 * nobody else listens, the signal is sent again and ends the process as it would have.
 */
function endOnSignal(outer: AbortSignal | undefined): AsyncDisposable & { signal: AbortSignal } {
  const own = new AbortController()
  let received: NodeJS.Signals | null = null
  const end = (name: NodeJS.Signals) => {
    received = name
    own.abort(new Error(`The image build was ended by ${name}.`))
  }
  process.on('SIGINT', end).on('SIGTERM', end)
  return {
    signal: outer ? AbortSignal.any([outer, own.signal]) : own.signal,
    async [Symbol.asyncDispose]() {
      process.off('SIGINT', end).off('SIGTERM', end)
      if (received && process.listenerCount(received) === 0) process.kill(process.pid, received)
    },
  }
}
