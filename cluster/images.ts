import { CTR } from './components.ts'
import type { BuiltImage } from './contract.ts'
import { exec, waitFor } from './exec.ts'
import type { ProcessIdentity } from './processes.ts'
import { nodeCommand } from './state.ts'

type Node = { node: ProcessIdentity }

/** Runs containerd's own client inside the node. `ctr` itself comes from the bin folder, which the node shares. */
function ctr(node: Node, binDir: string, args: string[]): Promise<string> {
  const [name, ...common] = CTR
  const [command = '', ...rest] = nodeCommand(node, [`${binDir}/${name}`, ...common, ...args])
  return exec(command, rest)
}

/** By this label the kubelet never removes an image, however full the disk is: no registry could bring ours back. */
const PINNED = 'io.cri-containerd.pinned=pinned'

type StoredImage = { ref: string; pinned: boolean }

/** The images that Kubernetes can use: those that containerd's CRI has taken notice of, and labelled. */
async function listImages(node: Node, binDir: string): Promise<StoredImage[]> {
  return parseImageList(await ctr(node, binDir, ['images', 'list']))
}

export function parseImageList(table: string): StoredImage[] {
  return table
    .split('\n')
    .filter((line) => line.includes('io.cri-containerd.image=managed'))
    .map((line) => ({ ref: line.split(/\s+/)[0] ?? '', pinned: line.includes(PINNED) }))
}

export function waitForContainerd(node: Node, binDir: string, timeoutMs: number): Promise<unknown> {
  return waitFor('containerd', () => listImages(node, binDir), { timeoutMs, intervalMs: 50 })
}

/** Imports one OCI archive; the references inside it name its images. */
export async function importArchive(node: Node, binDir: string, archive: string): Promise<void> {
  await ctr(node, binDir, ['images', 'import', '--snapshotter', 'overlayfs', '--label', PINNED, archive])
}

/** Imports the images whose reference the store does not have yet; resolves when pods can use them. */
export async function loadImages(
  node: Node,
  binDir: string,
  images: BuiltImage[],
  onImage: (image: BuiltImage, index: number) => void = () => undefined,
): Promise<void> {
  const present = await listImages(node, binDir)
  const missing = images.filter(({ ref }) => !present.some((image) => image.ref === ref))
  for (const [index, image] of missing.entries()) {
    onImage(image, index)
    await importArchive(node, binDir, image.archive)
  }
  await nameImages(node, binDir, images)
  // An older Drydock's.
  for (const { ref, pinned } of present)
    if (!pinned && images.some((image) => image.ref === ref)) await ctr(node, binDir, ['images', 'label', ref, PINNED])
  if (missing.length === 0) return
  // CRI learns of an image by an event, after the import: a pod started before would wait ten seconds to try again.
  await waitFor(
    `the images ${missing.map(({ ref }) => ref).join(', ')} (does each archive hold the image it is for?)`,
    async () => {
      const usable = await listImages(node, binDir)
      return missing.every(({ ref }) => usable.some((image) => image.ref === ref))
    },
    { timeoutMs: 60_000 },
  )
}

/** Gives every image its further names. Always, as a name may still be an older build's. */
async function nameImages(node: Node, binDir: string, images: BuiltImage[]): Promise<void> {
  for (const { ref, aliases = [] } of images) {
    if (aliases.length > 0) await ctr(node, binDir, ['images', 'tag', '--force', ref, ...aliases])
  }
}

/** Removes other versions of the images given, so that rebuilding them does not fill the disk. For when no pod runs. */
export async function pruneImages(node: Node, binDir: string, images: BuiltImage[]): Promise<void> {
  const outdated = outdatedImages(
    (await listImages(node, binDir)).map(({ ref }) => ref),
    images.map(({ ref }) => ref),
  )
  if (outdated.length > 0) await ctr(node, binDir, ['images', 'remove', ...outdated])
}

/** References with the repository of a wanted one and another tag. */
export function outdatedImages(present: string[], wanted: string[]): string[] {
  const repository = (ref: string) => ref.replace(/:[^:/]+$/, '')
  const repositories = new Set(wanted.map(repository))
  return present.filter((ref) => repositories.has(repository(ref)) && !wanted.includes(ref))
}
