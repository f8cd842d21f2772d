import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scratchImage } from '#cluster/scratch-image.ts'
import { writeStorage } from './registry-storage.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-storage-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function archive(name: string): Promise<string> {
  const binary = join(folder, name)
  await writeFile(binary, name)
  const image = await scratchImage({ name, binary, user: '0:0', archive: join(folder, `${name}.tar`) })
  return image.archive
}

const below = (path: string) => join(folder, 'storage', 'docker', 'registry', 'v2', path)
const read = (path: string) => readFile(below(path), 'utf8')
const blobOf = (digest: string) => {
  const [, hex = ''] = digest.split(':')
  return read(`blobs/sha256/${hex.slice(0, 2)}/${hex}/data`)
}

it('lays images out as a registry stores them: every tag leads to a manifest, and that to blobs of its repository', async () => {
  const [one, two] = [await archive('one'), await archive('two')]
  await writeStorage(join(folder, 'storage'), [
    { archive: one, spec: { aliases: ['docker.io/library/one:latest', 'docker.io/library/one:1'] } },
    { archive: two, spec: { aliases: ['docker.io/library/two:latest'] } },
  ])
  expect((await readdir(below(''))).sort()).toEqual(['blobs', 'repositories'])
  expect(await readdir(below('repositories/library'))).toEqual(['one', 'two'])

  const own = 'repositories/library/one'
  expect((await readdir(below(`${own}/_manifests/tags`))).sort()).toEqual(['1', 'latest'])
  const digest = await read(`${own}/_manifests/tags/1/current/link`)
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
  const path = digest.replace(':', '/')
  expect(await read(`${own}/_manifests/tags/1/index/${path}/link`)).toBe(digest)
  expect(await read(`${own}/_manifests/revisions/${path}/link`)).toBe(digest)

  const manifest = JSON.parse(await blobOf(digest))
  const digests = [manifest.config, ...manifest.layers].map((part: { digest: string }) => part.digest)
  expect(digests).toHaveLength(2)
  for (const part of digests) {
    expect(await read(`${own}/_layers/${part.replace(':', '/')}/link`)).toBe(part)
    expect(await blobOf(part)).not.toBe('')
  }
})

it('refuses a name that no mirror of Docker Hub is asked for', async () => {
  const storage = join(folder, 'refused')
  const image = { archive: await archive('three'), spec: { aliases: ['drydock.local/three:1'] } }
  await expect(writeStorage(storage, [image])).rejects.toThrow('drydock.local/three:1')
})
