import { expect, it } from 'vitest'
import { labSchema } from '#lib/labs/schema.ts'
import { labRegistries, refuseForeignImages } from '#lib/sandbox/lab-images.ts'

const labWith = (image?: string) =>
  labSchema.parse({
    machines: [{ name: 'box', profile: 'shell', ...(image && { image }) }],
    tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
  })
const bare = { DRYDOCK_LAB_REGISTRIES: [], DRYDOCK_REGISTRY: undefined }

it('allows no image but ours, unless told so', () => {
  expect(labRegistries(bare)).toEqual([])
  expect(() => refuseForeignImages(labWith(), bare)).not.toThrow()
  const refused = { code: 'lab-unavailable', userMessage: expect.stringContaining('docker.io/library/python:3') }
  expect(() => refuseForeignImages(labWith('python:3'), bare)).toThrow(expect.objectContaining(refused))
})

it('allows what an operator lists, and what the machines’ registry stands for', () => {
  const listed = { ...bare, DRYDOCK_LAB_REGISTRIES: ['registry.example/labs'] }
  expect(() => refuseForeignImages(labWith('registry.example/labs/box:1'), listed)).not.toThrow()
  expect(() => refuseForeignImages(labWith('registry.example/other/box:1'), listed)).toThrow()
  expect(() => refuseForeignImages(labWith('python:3'), listed)).toThrow()
  const mirrored = { ...bare, DRYDOCK_REGISTRY: '10.96.0.11' }
  expect(() => refuseForeignImages(labWith('python:3'), mirrored)).not.toThrow()
  expect(() => refuseForeignImages(labWith('somebody/box:1'), mirrored)).toThrow()
})
