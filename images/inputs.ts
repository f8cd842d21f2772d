import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SetupError } from '#cluster/contract.ts'
import { rootfsRecipe } from './debian.ts'
import { type Addition, type ImageSpec, images } from './list.ts'
import type { InputFile } from './plan.ts'

export type Places = { imagesDir: string; repositoryDir: string; binDir: string | undefined }

/** Everything an image's hash depends on, without building anything. Missing binaries and folders are a SetupError. */
export async function inputsOf(spec: ImageSpec, places: Places): Promise<InputFile[]> {
  const own = await filesBelow(join(places.imagesDir, spec.name))
  const added = await Promise.all((spec.adds ?? []).map((addition) => inputsOfAddition(spec, addition, places)))
  return [...own, ...added.flat()]
}

async function inputsOfAddition(spec: ImageSpec, addition: Addition, places: Places): Promise<InputFile[]> {
  switch (addition.kind) {
    case 'binary':
      return [
        { path: addition.file, executable: true, sha256: await digest(binaryPath(spec, addition.file, places.binDir)) },
      ]
    case 'debian':
      return [{ path: addition.file, executable: false, sha256: sha256(JSON.stringify(rootfsRecipe(addition.suite))) }]
    case 'storage': {
      const names = images.filter(({ name }) => addition.images.includes(name)).map(({ aliases }) => aliases)
      return [{ path: addition.file, executable: false, sha256: sha256(JSON.stringify(names)) }]
    }
    case 'go': {
      const files = await filesBelow(join(places.repositoryDir, addition.module))
      // Not what is only for people and tests, nor a binary somebody built in place; embedded files count.
      const sources = files.filter(
        ({ path }) => path !== addition.file && !/(_test\.go|\.md)$|(^|\/)(testdata\/|\.)/.test(path),
      )
      return sources.map((file) => ({ ...file, path: `${addition.module}/${file.path}` }))
    }
  }
}

/** Where the caller's binary lies; said as a SetupError where it does not. */
export function binaryPath(spec: ImageSpec, file: string, binDir: string | undefined): string {
  if (binDir) return join(binDir, file)
  throw new SetupError(
    `The image ${spec.name} holds the program "${file}", and nobody said where it lies.`,
    'Build the cluster first (npm run cluster -- up), then name its folder of programs with --bin-dir.',
  )
}

/** Copies an image's own folder into `target`; permissions as git knows them, whatever this machine's umask. */
export async function copyFolder(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  for (const path of await list(source)) {
    const copy = join(target, path)
    await mkdir(dirname(copy), { recursive: true })
    await copyFile(join(source, path), copy)
    const { mode } = await stat(copy)
    await chmod(copy, mode & 0o100 ? 0o755 : 0o644)
  }
}

async function filesBelow(folder: string): Promise<InputFile[]> {
  let entries: Awaited<ReturnType<typeof list>>
  try {
    entries = await list(folder)
  } catch (cause) {
    throw new SetupError(`The folder ${folder} cannot be read.`, 'Is this checkout complete? `git status` tells.', {
      cause,
    })
  }
  return Promise.all(
    entries.map(async (path) => {
      const { mode } = await stat(join(folder, path))
      return { path, executable: (mode & 0o100) !== 0, sha256: await digest(join(folder, path)) }
    }),
  )
}

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk)
  } catch (cause) {
    throw new SetupError(
      `${file} cannot be read.`,
      'If it is a program of the cluster, build that first: npm run cluster -- up.',
      { cause },
    )
  }
  return hash.digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
