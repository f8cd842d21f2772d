import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { FIRST_SETUP_BYTES, findPortHolder, findRefusal, parsePackages } from './preflight.mjs'

type Facts = Parameters<typeof findRefusal>[0]
const fit: Facts = {
  command: 'start',
  platform: 'linux',
  arch: 'x64',
  node: '20.19.0',
  kernel: '6.8.0-51-generic',
  uid: 0,
  debian: true,
  ownCluster: true,
  ownDatabase: true,
  port: '4200',
  portHolder: null,
  lockedBy: null,
  missing: [],
  disks: [{ path: '/work', freeBytes: 20 * 1024 ** 3, neededBytes: FIRST_SETUP_BYTES }],
}
const buildah = { name: 'buildah', gives: 'buildah' }
const headers = { name: 'libseccomp-dev', gives: '/usr/include/seccomp.h' }

const refusals: [string, Partial<Facts>, string][] = [
  [
    'another system',
    { platform: 'darwin' },
    'Drydock runs on Linux, and this is darwin: use a Debian or Ubuntu machine, virtual machine or server.',
  ],
  [
    'an old Node',
    { node: '18.20.4' },
    "Drydock's setup needs Node 20 or newer, and this is 18.20.4: install one from nodejs.org (the newer Node that Drydock itself runs on comes by npm).",
  ],
  [
    'an old Node where npm brings none',
    { arch: 'arm64' },
    'On arm64 Drydock needs Node 22.18 or newer, as npm brings one for x64 only, and this is 20.19.0: install one from nodejs.org.',
  ],
  [
    'a run in this checkout',
    { lockedBy: 4711, portHolder: 'node (pid 4712)' },
    'Drydock already runs from this checkout (pid 4711): stop it with Ctrl-C where it was started, or use a second clone.',
  ],
  [
    'a port that is none',
    { port: '70000' },
    'PORT is "70000", which is no port: give a number from 1 to 65535, as in `PORT=4300 npm start`.',
  ],
  [
    'a port in use',
    { portHolder: 'nginx (pid 99)' },
    'Port 4200 is taken by nginx (pid 99): stop that, or choose another port, as in `PORT=4300 npm start`.',
  ],
  [
    'the suggested port in use',
    { port: '4300', portHolder: 'another program' },
    'Port 4300 is taken by another program: stop that, or choose another port, as in `PORT=4400 npm start`.',
  ],
  [
    'no root',
    { uid: 1000 },
    'The embedded cluster needs root, for namespaces, mounts and cgroups: run `sudo npm start`, or set KUBECONFIG to a cluster of yours.',
  ],
  [
    'an old kernel',
    { kernel: '6.1.0-28-amd64' },
    'The embedded cluster needs Linux 6.3 or newer, for pods with user namespaces, and this is 6.1.0-28-amd64: upgrade the kernel, or set KUBECONFIG to a cluster of yours.',
  ],
  [
    'another distribution',
    { debian: false, missing: [buildah, headers] },
    'This is neither Debian nor Ubuntu, where Drydock installs what it needs, and these are missing: buildah, /usr/include/seccomp.h. Install them, or set KUBECONFIG and DATABASE_URL to a cluster and a PostgreSQL of yours.',
  ],
  [
    'packages that only root may install',
    { command: 'test', uid: 1000, ownCluster: false, missing: [buildah, headers] },
    'Debian packages are missing and only root may install them: run `sudo apt-get install buildah libseccomp-dev`, then `npm test`.',
  ],
  [
    'a full disk',
    { disks: [{ path: '/work', freeBytes: 3.2 * 1024 ** 3, neededBytes: FIRST_SETUP_BYTES }] },
    'The disk of /work has 3.2 GiB free and this needs 12.0 GiB: free some space, or put checkout and cache elsewhere (XDG_CACHE_HOME).',
  ],
]
it.each(refusals)('refuses %s', (_, change, sentence) => expect(findRefusal({ ...fit, ...change })).toBe(sentence))

const accepted: [string, Partial<Facts>][] = [
  ['a machine that has it all', {}],
  ['Node 24', { node: '24.21.0' }],
  ['a newer Node where npm brings none', { arch: 'arm64', node: '22.19.0' }],
  ['a later kernel', { kernel: '7.0.1' }],
  ['missing packages that can be installed', { missing: [buildah] }],
  ['another distribution on which nothing is missing', { debian: false }],
  ['anybody with a cluster of their own, on any kernel', { uid: 1000, ownCluster: false, kernel: '5.15.0' }],
]
it.each(accepted)('accepts %s', (_, change) => expect(findRefusal({ ...fit, ...change })).toBeNull())

it('sees a port that is taken, and by whom', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await findPortHolder(port)).toMatch(new RegExp(`\\(pid ${process.pid}\\)$`))
  await new Promise((resolve) => server.close(resolve))
  expect(await findPortHolder(port)).toBeNull()
})

it('reads the list of packages', () => {
  const packages = parsePackages(readFileSync(new URL('debian-packages.txt', import.meta.url), 'utf8'))
  expect(packages).toContainEqual({ name: 'iproute2', gives: 'ip', use: 'cluster' })
  expect(packages).toContainEqual({ name: 'chromium', gives: 'chromium', use: 'test' })
  for (const { name, gives } of packages) {
    expect(name).toMatch(/^[a-z0-9.+-]+$/)
    expect(gives).toMatch(/^(\/[\w./-]+|[\w-]+)$/)
  }
})
