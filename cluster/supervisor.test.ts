import { expect, test } from 'vitest'
import { manifestPath } from './api-client.ts'
import { outdatedImages, parseImageList } from './images.ts'
import { instanceAt } from './instance.ts'
import { identify, isAlive, parseStat } from './processes.ts'
import { restartDelayMs } from './supervisor.ts'

test('waits longer from crash to crash, within bounds', () => {
  expect([1, 2, 3, 10, 1000].map(restartDelayMs)).toEqual([250, 500, 1000, 10_000, 10_000])
})

test('reads /proc/PID/stat whatever the command is called', () => {
  const rest = Array.from({ length: 17 }, (_, index) => index).join(' ')
  expect(parseStat(`42 (a) S (b)) S 7 ${rest} 12345 0`)).toEqual({ state: 'S', ppid: 7, startTime: '12345' })
})

test('a process is itself, not a later one of its pid', () => {
  expect(isAlive(identify(process.pid))).toBe(true)
  expect(isAlive({ pid: process.pid, startTime: '1' })).toBe(false)
  expect(isAlive(null)).toBe(false)
})

test('one data directory is one instance, however it is written', () => {
  expect(instanceAt('/tmp/../tmp/none/such').id).toBe(instanceAt('/tmp/none/such/').id)
  expect(instanceAt('/tmp/none/such').id).not.toBe(instanceAt('/tmp/none/other').id)
})

test('only images that CRI has labelled count as there', () => {
  const table = `REF TYPE DIGEST SIZE PLATFORMS LABELS
drydock.local/base:1 application/x sha256:1 9 MiB linux/amd64 io.cri-containerd.image=managed,io.cri-containerd.pinned=pinned
busybox:1 application/x sha256:3 9 MiB linux/amd64 io.cri-containerd.image=managed
drydock.local/new:1  application/x sha256:2 9 MiB linux/amd64 -
`
  expect(parseImageList(table)).toEqual([
    { ref: 'drydock.local/base:1', pinned: true },
    { ref: 'busybox:1', pinned: false },
  ])
})

test('only other tags of the same repositories are outdated', () => {
  const present = [
    'drydock.local/base:1',
    'drydock.local/base:2',
    'drydock.local/base-x:1',
    'localhost:5000/base:1',
    'sha256:aa',
  ]
  expect(outdatedImages(present, ['drydock.local/base:2'])).toEqual(['drydock.local/base:1'])
})

test('builds API paths', () => {
  const metadata = { name: 'x', namespace: 'ns' }
  expect(manifestPath({ apiVersion: 'v1', kind: 'Pod', metadata })).toBe('/api/v1/namespaces/ns/pods/x')
  expect(manifestPath({ apiVersion: 'apps/v1', kind: 'Deployment', metadata })).toBe(
    '/apis/apps/v1/namespaces/ns/deployments/x',
  )
  expect(manifestPath({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'x' } })).toBe(
    '/apis/storage.k8s.io/v1/storageclasses/x',
  )
  expect(manifestPath({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata })).toBe(
    '/apis/networking.k8s.io/v1/namespaces/ns/networkpolicies/x',
  )
})
