import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Progress, SetupError } from '#cluster/contract.ts'
import { buildImages } from './build.ts'

const canBuild = process.platform === 'linux' && process.getuid?.() === 0

/** Real builds, of the one image that needs no network: `pause`, around a file of ours. */
describe.skipIf(!canBuild)('building', { timeout: 60_000 }, () => {
  let folder = ''
  const at = () => ({ binDir: folder, cacheDir: join(folder, 'cache'), only: ['pause'] })
  const program = (text: string) => writeFile(join(folder, 'pause'), text, { mode: 0o755 })
  const build = async (options: Partial<Parameters<typeof buildImages>[0]> = {}) => {
    const seen: Progress[] = []
    const [image] = await buildImages({ ...at(), onProgress: (step) => seen.push(step), ...options })
    if (!image) throw new Error('no image came back')
    return { image, seen }
  }
  const leftovers = async () => (await readdir(join(folder, 'cache'))).filter((file) => file.startsWith('.'))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drydock-images-'))
    await program('one')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('gives an archive that carries the whole reference, and leaves nothing else', async () => {
    const { image, seen } = await build()
    const index = JSON.parse(execFileSync('tar', ['-xOf', image.archive, 'index.json'], { encoding: 'utf8' }))
    expect(index.manifests).toHaveLength(1)
    expect(index.manifests[0].annotations['org.opencontainers.image.ref.name']).toBe(image.ref)
    expect(seen.at(-1)).toMatchObject({ step: 'built', etaSeconds: 0 })
    expect(await leftovers()).toEqual([])
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(folder)
  })

  it('builds nothing twice, and anew once an input changed', async () => {
    const first = await build()
    expect(first.seen).toEqual([])
    await program('two')
    const second = await build()
    expect(second.image.ref).not.toBe(first.image.ref)
    expect((await stat(first.image.archive)).size).toBeGreaterThan(0)
  })

  it('lets two at the same time wait for each other', async () => {
    await program('three')
    const [one, two] = await Promise.all([build(), build()])
    expect(one.image).toEqual(two.image)
    expect([...one.seen, ...two.seen].filter(({ step }) => step === 'built')).toHaveLength(1)
  })

  it('keeps the last three archives of an image', async () => {
    for (const text of ['four', 'five']) {
      await program(text)
      await build()
    }
    expect((await readdir(join(folder, 'cache'))).filter((file) => file.endsWith('.tar'))).toHaveLength(3)
  })

  it('ends when told to, and leaves nothing', async () => {
    await program('six')
    const stopping = new AbortController()
    const onProgress = ({ step }: Progress) => step.startsWith('1/') && stopping.abort(new Error('enough'))
    await expect(build({ signal: stopping.signal, onProgress })).rejects.toThrow('enough')
    expect(await leftovers()).toEqual([])
  })

  it('says what is missing and the way out', async () => {
    const failure = await build({ binDir: join(folder, 'nowhere') }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SetupError)
    expect(failure).toMatchObject({
      message: expect.stringContaining('pause cannot be read'),
      wayOut: expect.stringContaining('npm run cluster'),
    })
  })
})
