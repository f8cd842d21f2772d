import { createHash } from 'node:crypto'
import type { ImageSpec } from './list.ts'

/** One file that decides what an image becomes: its path in the context, whether it is executable, its content's SHA-256. */
export type InputFile = { path: string; executable: boolean; sha256: string }

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Names of the images that this one is made of: those it is built on, and those it holds. */
export function partsOf({ from, adds }: ImageSpec): string[] {
  const held = (adds ?? []).flatMap((addition) => (addition.kind === 'storage' ? addition.images : []))
  return [...Object.values(from ?? {}), ...held]
}

/**
 * The wanted images and all they are built from, parents first, otherwise in the list's order.
 * Throws on an unknown name, a name no reference may carry, and on a circle.
 */
export function inOrder(specs: readonly ImageSpec[], wanted: readonly string[]): ImageSpec[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]))
  const done = new Set<ImageSpec>()
  const visit = (name: string, path: readonly string[]): void => {
    const spec = byName.get(name)
    if (!spec) throw new Error(`There is no image "${name}". There are: ${[...byName.keys()].join(', ')}.`)
    if (!NAME.test(name))
      throw new Error(`"${name}" is no image name: lower case letters, digits and single dashes only.`)
    if (path.includes(name))
      throw new Error(`Images are built from each other in a circle: ${[...path, name].join(' → ')}.`)
    if (done.has(spec)) return
    for (const part of partsOf(spec)) visit(part, [...path, name])
    done.add(spec)
  }
  for (const { name } of specs) if (wanted.includes(name)) visit(name, [])
  for (const name of wanted) visit(name, [])
  return [...done]
}

/**
 * Twelve hexadecimal digits that change with anything the image is made of, and with nothing else.
 * `parents` are the hashes of the images it is made of by image name; the files' order does not matter.
 */
export function imageHash(
  spec: ImageSpec,
  input: { files: readonly InputFile[]; parents: ReadonlyMap<string, string>; platform: string },
): string {
  const hashOf = (part: string) => {
    const hash = input.parents.get(part)
    if (!hash) throw new Error(`${spec.name} is hashed before its parent ${part}.`)
    return hash
  }
  const from = Object.entries(spec.from ?? {}).map(([arg, parent]) => [arg, parent, hashOf(parent)])
  const parts = partsOf(spec).slice(from.length)
  const files = input.files.map(({ path, executable, sha256 }) => [path, executable, sha256])
  const byFirst = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1)
  const made = {
    format: 1,
    name: spec.name,
    target: spec.target ?? null,
    platform: input.platform,
    from: from.sort(byFirst),
    files: files.sort(byFirst),
    ...(parts.length > 0 && { holds: parts.map((part) => [part, hashOf(part)]) }),
  }
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 12)
}

export function imageRef(name: string, hash: string): string {
  return `drydock.local/${name}:${hash}`
}

export function archiveName(name: string, hash: string): string {
  return `${name}-${hash}.tar`
}

/** Of the files in the archive folder, those of this image beyond the `keep` used last. */
export function outdated(name: string, found: readonly { file: string; usedMs: number }[], keep: number): string[] {
  return found
    .filter(({ file }) => file.startsWith(`${name}-`) && /^[0-9a-f]{12}\.tar$/.test(file.slice(name.length + 1)))
    .sort((a, b) => b.usedMs - a.usedMs)
    .slice(keep)
    .map(({ file }) => file)
}
