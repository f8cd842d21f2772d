import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { exec } from '#cluster/exec.ts'
import type { ImageSpec } from './list.ts'

type Descriptor = { digest: string }
type Stored = { archive: string; spec: Pick<ImageSpec, 'aliases'> }

/**
 * Lays images out, each under its aliases, as distribution's file system driver keeps them below its root directory
 * (github.com/distribution/distribution, registry/storage/paths.go): blobs once, and links by which a repository knows
 * its own. Written instead of pushed, so that no writable registry ever runs.
 */
export async function writeStorage(folder: string, images: Stored[]): Promise<void> {
  const root = join(folder, 'docker', 'registry', 'v2')
  await mkdir(root, { recursive: true })
  for (const { archive, spec } of images) {
    const layout = await mkdtemp(join(root, 'oci-'))
    await exec('tar', ['-xf', archive, '-C', layout])
    await addImage(root, layout, spec.aliases ?? [])
    await rm(layout, { recursive: true })
  }
}

/** Takes the one image of an OCI image layout. */
async function addImage(root: string, layout: string, references: readonly string[]): Promise<void> {
  const index: { manifests: Descriptor[] } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  const [revision] = index.manifests
  if (!revision) throw new Error(`${layout} holds no image`)
  const blob = ({ digest }: Descriptor) => join(layout, 'blobs', digest.replace(':', '/'))
  const manifest: { config: Descriptor; layers: Descriptor[] } = JSON.parse(await readFile(blob(revision), 'utf8'))
  const content = [manifest.config, ...manifest.layers]
  for (const reference of references) {
    const { repository, tag } = parseReference(reference)
    const own = join(root, 'repositories', repository)
    for (const { digest } of content) await link(join(own, '_layers', digestPath(digest)), digest)
    await link(join(own, '_manifests', 'revisions', digestPath(revision.digest)), revision.digest)
    await link(join(own, '_manifests', 'tags', tag, 'current'), revision.digest)
    await link(join(own, '_manifests', 'tags', tag, 'index', digestPath(revision.digest)), revision.digest)
  }
  for (const descriptor of [revision, ...content]) {
    const { digest } = descriptor
    const [algorithm = '', hex = ''] = digest.split(':')
    const target = join(root, 'blobs', algorithm, hex.slice(0, 2), hex, 'data')
    await mkdir(dirname(target), { recursive: true })
    await rename(blob(descriptor), target)
  }
}

const digestPath = (digest: string) => digest.replace(':', '/')

async function link(folder: string, digest: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'link'), digest)
}

/** `docker.io/library/nginx:1.26` is tag `1.26` of `library/nginx`: a mirror is asked without the registry's name. */
function parseReference(reference: string): { repository: string; tag: string } {
  const [, repository, tag] = /^docker\.io\/(.+):([^:/]+)$/.exec(reference) ?? []
  if (!repository || !tag) throw new Error(`${reference} is no name of a Docker Hub image with a tag`)
  return { repository, tag }
}
