import { describe, expect, it } from 'vitest'
import { type ImageSpec, images } from './list.ts'
import { archiveName, type InputFile, imageHash, imageRef, inOrder, outdated } from './plan.ts'

const spec: ImageSpec = { name: 'net', from: { BASE: 'base' }, seconds: 1 }
const files: InputFile[] = [
  { path: 'Dockerfile', executable: false, sha256: 'aa' },
  { path: 'shell.sh', executable: false, sha256: 'bb' },
]
const input = { files, parents: new Map([['base', '111111111111']]), platform: 'linux/x64' }
const hash = imageHash(spec, input)

describe('an image hash', () => {
  it('is twelve hexadecimal digits and stays while nothing changes', () => {
    expect(hash).toMatch(/^[0-9a-f]{12}$/)
    expect(imageHash({ ...spec }, { ...input, files: [...files].reverse() })).toBe(hash)
    expect(imageHash({ ...spec, seconds: 99, internal: true }, input)).toBe(hash)
    expect(imageHash(spec, { ...input, parents: new Map([...input.parents, ['other', '222222222222']]) })).toBe(hash)
  })

  const changed = (index: number, change: Partial<InputFile>) =>
    files.map((file, at) => (at === index ? { ...file, ...change } : file))
  it.each([
    ['the Dockerfile', spec, { ...input, files: changed(0, { sha256: 'cc' }) }],
    ['a file of the context', spec, { ...input, files: changed(1, { sha256: 'cc' }) }],
    ['a name in the context', spec, { ...input, files: changed(1, { path: 'other.sh' }) }],
    ['an executable bit', spec, { ...input, files: changed(1, { executable: true }) }],
    ['one file more', spec, { ...input, files: [...files, { path: 'x', executable: false, sha256: 'aa' }] }],
    ['the parent', spec, { ...input, parents: new Map([['base', '333333333333']]) }],
    ['the ARG that names the parent', { ...spec, from: { OTHER: 'base' } }, input],
    ['the stage', { ...spec, target: 'tools' }, input],
    ['the platform', spec, { ...input, platform: 'linux/arm64' }],
  ])('changes with %s', (_, otherSpec, otherInput) => {
    expect(imageHash(otherSpec, otherInput)).not.toBe(hash)
  })

  it('needs the parents first', () => {
    expect(() => imageHash(spec, { ...input, parents: new Map() })).toThrow('before its parent base')
  })
})

describe('the order of building', () => {
  const named = (name: string, ...parents: string[]): ImageSpec => ({
    name,
    from: Object.fromEntries(parents.map((parent) => [parent.toUpperCase(), parent])),
    seconds: 1,
  })
  const order = (specs: ImageSpec[], wanted: string[]) => inOrder(specs, wanted).map(({ name }) => name)

  it('puts every parent before its children, whatever the order of the list', () => {
    const specs = [named('d', 'b', 'c'), named('c', 'a'), named('b', 'a'), named('a')]
    expect(order(specs, ['d'])).toEqual(['a', 'b', 'c', 'd'])
    expect(order(specs, ['a', 'd', 'c'])).toEqual(['a', 'b', 'c', 'd'])
  })

  it('brings only what is wanted and its parents', () => {
    expect(order([named('a'), named('b', 'a'), named('c')], ['b'])).toEqual(['a', 'b'])
  })

  it('refuses unknown names, impossible names and circles', () => {
    expect(() => order([named('a')], ['z'])).toThrow('no image "z". There are: a.')
    expect(() => order([named('A_b')], ['A_b'])).toThrow('no image name')
    expect(() => order([named('a', 'b'), named('b', 'a')], ['a'])).toThrow('a → b → a')
  })
})

describe('an image that holds others', () => {
  const store: ImageSpec = { name: 'store', adds: [{ kind: 'storage', file: 's', images: ['base'] }], seconds: 1 }

  it('is built after them, and changes with them', () => {
    expect(inOrder([store, { name: 'base', seconds: 1 }], ['store']).map(({ name }) => name)).toEqual(['base', 'store'])
    const other = { ...input, parents: new Map([['base', '333333333333']]) }
    expect(imageHash(store, input)).not.toBe(imageHash(store, other))
  })
})

describe('the list', () => {
  it('has unique names, and every parent is in it', () => {
    expect(new Set(images.map(({ name }) => name)).size).toBe(images.length)
    const names = images.map(({ name }) => name)
    expect(inOrder(images, names)).toHaveLength(images.length)
  })

  it('gives references a cluster accepts', () => {
    for (const { name } of images) expect(imageRef(name, hash)).toMatch(/^drydock\.local\/[a-z0-9-]+:[0-9a-f]{12}$/)
  })
})

describe('old archives', () => {
  it('are those of the same image beyond the ones used last', () => {
    const found = [
      { file: archiveName('base', 'aaaaaaaaaaaa'), usedMs: 1 },
      { file: archiveName('base', 'bbbbbbbbbbbb'), usedMs: 4 },
      { file: archiveName('base', 'cccccccccccc'), usedMs: 2 },
      { file: archiveName('base-extra', 'dddddddddddd'), usedMs: 0 },
      { file: 'base-notahash.tar', usedMs: 0 },
    ]
    expect(outdated('base', found, 2)).toEqual(['base-aaaaaaaaaaaa.tar'])
    expect(outdated('base', found, 3)).toEqual([])
  })
})
