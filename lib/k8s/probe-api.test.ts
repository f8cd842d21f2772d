import { expect, it } from 'vitest'
import { deviceFinding, roomFinding, versionFinding } from '#lib/k8s/probe-api.ts'

it.each([
  ['v1.36.3', 'yes'],
  ['v1.33.0-gke.100', 'yes'],
  ['v1.32.9', 'no'],
  ['v2.0.0', 'yes'],
  ['something', 'unknown'],
])('version %s: %s', (version, found) => {
  expect(versionFinding(version)).toEqual({ found, detail: version })
})

const node = (name: string, allocatable: Record<string, string>) => ({ metadata: { name }, status: { allocatable } })
const pod = (nodeName: string, memory: string, phase = 'Running') => ({
  spec: { nodeName, containers: [{ name: 'c', resources: { requests: { memory } } }] },
  status: { phase },
})

it('counts the machines that still fit, node by node, without pods that are over', () => {
  const nodes = [node('one', { memory: '1Gi' }), node('two', { memory: '512Mi' })]
  expect(roomFinding(nodes, [])).toEqual({
    found: 'yes',
    detail: '2 nodes, 1.5 of 1.5 GiB memory free, about 3 machines',
  })
  const pods = [pod('one', '900Mi'), pod('two', '300Mi'), pod('one', '1Gi', 'Succeeded')]
  expect(roomFinding(nodes, pods)).toMatchObject({ found: 'no', detail: expect.stringContaining('about 0 machines') })
})

it('finds a device where a node offers one', () => {
  const nodes = [node('one', {}), node('two', { 'drydock.dev/tun': '50' })]
  expect(deviceFinding(nodes, 'drydock.dev/tun')).toEqual({ found: 'yes', detail: 'on 1 of 2 nodes' })
  expect(deviceFinding(nodes, 'drydock.dev/kvm')).toMatchObject({ found: 'no' })
})
