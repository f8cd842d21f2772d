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

/** References of the images in the node's store. */
export async function listImages(node: Node, binDir: string): Promise<string[]> {
  return (await ctr(node, binDir, ['images', 'list', '--quiet'])).split('\n').filter(Boolean)
}

export function waitForContainerd(node: Node, binDir: string, timeoutMs: number): Promise<string[]> {
  return waitFor('containerd', () => listImages(node, binDir), { timeoutMs, intervalMs: 50 })
}

/** Imports one OCI archive; the references inside it name its images. */
export async function importArchive(node: Node, binDir: string, archive: string): Promise<void> {
  await ctr(node, binDir, ['images', 'import', '--snapshotter', 'overlayfs', archive])
}

const isSystem = ({ name }: BuiltImage) => name === 'pause' || name === 'coredns'

/** Imports the images whose reference the store does not have yet. */
export async function loadImages(
  node: Node,
  binDir: string,
  images: BuiltImage[],
  onImage: (image: BuiltImage, index: number) => void = () => undefined,
): Promise<void> {
  const present = new Set(await listImages(node, binDir))
  // Those that DNS waits for come first.
  const inOrder = images.toSorted((a, b) => Number(isSystem(b)) - Number(isSystem(a)))
  for (const [index, image] of inOrder.entries()) {
    onImage(image, index)
    if (present.has(image.ref)) continue
    await importArchive(node, binDir, image.archive)
  }
  const loaded = new Set(await listImages(node, binDir))
  const missing = images.filter((image) => !loaded.has(image.ref))
  if (missing.length > 0) {
    throw new Error(
      `archives do not hold the image they are for: ${missing.map(({ ref, archive }) => `${ref} in ${archive}`).join(', ')}`,
    )
  }
}
