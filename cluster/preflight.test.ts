import { expect, test } from 'vitest'
import { parseCgroupMounts } from './cgroups.ts'
import { findProblem, type HostFacts } from './preflight.ts'

const good: HostFacts = {
  platform: 'linux',
  uid: 0,
  kernel: '6.12.9-amd64',
  maxUserNamespaces: 96365,
  initialUserNamespace: true,
  cgroupMounts: ['/sys/fs/cgroup'],
  cgroupsWritable: true,
  missingTools: [],
  freeInotifyInstances: 128,
}

test('a fitting machine has no problem', () => {
  expect(findProblem(good)).toBeNull()
  expect(findProblem({ ...good, kernel: '6.3.0' })).toBeNull()
})

test.each<[Partial<HostFacts>, RegExp]>([
  [{ platform: 'darwin' }, /Linux only/],
  [{ uid: 1000 }, /needs root/],
  [{ initialUserNamespace: false }, /user namespace/],
  [{ kernel: '5.15.0-generic' }, /6\.3 or newer/],
  [{ kernel: '6.2.16' }, /6\.3 or newer/],
  [{ maxUserNamespaces: 0 }, /switched off/],
  [{ maxUserNamespaces: null }, /switched off/],
  [{ cgroupMounts: [] }, /cgroup/],
  [{ cgroupsWritable: false }, /read-only/],
  [{ missingTools: ['nft', 'openssl'] }, /nft, openssl/],
  [{ freeInotifyInstances: 12 }, /26 inotify instances, and 12 are free/],
])('%j is named, with a way out', (facts, message) => {
  const problem = findProblem({ ...good, ...facts })
  expect(problem?.message).toMatch(message)
  expect(problem?.wayOut).toMatch(/KUBECONFIG/)
})

const line = (mountPoint: string, type: string) =>
  `30 24 0:26 / ${mountPoint} rw,relatime shared:9 - ${type} ${type} rw`

test('cgroup v2 is told from v1 with an empty v2 beside it', () => {
  expect(parseCgroupMounts(line('/sys/fs/cgroup', 'cgroup2'))).toEqual({ version: 2, mounts: ['/sys/fs/cgroup'] })
  const hybrid = [
    line('/sys/fs/cgroup', 'tmpfs'),
    line('/sys/fs/cgroup/cpu', 'cgroup'),
    line('/sys/fs/cgroup/unified', 'cgroup2'),
  ]
  expect(parseCgroupMounts(hybrid.join('\n'))).toEqual({
    version: 1,
    mounts: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified'],
  })
})
