import { expect, it } from 'vitest'
import { fits } from '#lib/k8s/fits.ts'

const node = (memory: string, cpu = '2', pods = '110') => ({ status: { allocatable: { memory, cpu, pods } } })
const pod = (memory: string, cpu = '50m') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ resources: { requests: { memory, cpu } } }, {}] },
})

it.each([
  ['one on one', [pod('256Mi')], [node('1Gi')], true],
  ['a larger one than any node', [pod('2Gi')], [node('1Gi'), node('1Gi')], false],
  ['two that need a node each', [pod('600Mi'), pod('600Mi')], [node('1Gi'), node('1Gi')], true],
  ['three on two nodes', [pod('600Mi'), pod('600Mi'), pod('600Mi')], [node('1Gi'), node('1Gi')], false],
  ['the large one first', [pod('256Mi'), pod('1Gi')], [node('1Gi'), node('256Mi')], true],
  ['too little CPU', [pod('1Mi', '1500m'), pod('1Mi', '600m')], [node('1Gi')], false],
  ['too many pods', [pod('1Mi'), pod('1Mi')], [node('1Gi', '2', '1')], false],
  ['no node', [pod('1Mi')], [], false],
])('%s', (_, pods, nodes, expected) => {
  expect(fits(pods, nodes)).toBe(expected)
})
