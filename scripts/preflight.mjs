import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, release } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { lockHolder } from './lock.mjs'

/**
 * What decides whether `npm start` or `npm test` can go ahead.
 * @typedef {object} Facts
 * @property {'start' | 'test'} command
 * @property {string} platform
 * @property {string} arch
 * @property {string} node version without the v
 * @property {string} kernel
 * @property {number} uid
 * @property {boolean} debian whether packages can be installed by apt
 * @property {boolean} ownCluster no KUBECONFIG is given
 * @property {boolean} ownDatabase no DATABASE_URL is given
 * @property {string} port as given
 * @property {string | null} portHolder who listens there, in words
 * @property {number | null} lockedBy pid of a run in this checkout
 * @property {{ name: string, gives: string }[]} missing packages
 * @property {{ path: string, freeBytes: number, neededBytes: number }[]} disks
 */

/** @typedef {{ name: string, gives: string, use: 'base' | 'cluster' | 'test' }} Package */

const GIB = 1024 ** 3
/** Measured: a first setup writes node_modules, Go's caches, the cluster's programs and the images. */
export const FIRST_SETUP_BYTES = 12 * GIB
const LATER_BYTES = 2 * GIB

const atLeast = (version, minimum) => {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1])
}
const gib = (bytes) => `${(bytes / GIB).toFixed(1)} GiB`

/**
 * The first thing that stands in the way, in one sentence with the way out, or null.
 * @param {Facts} facts
 * @returns {string | null}
 */
export function findRefusal(facts) {
  const again = `npm ${facts.command}`
  if (facts.platform !== 'linux') {
    return `Drydock runs on Linux, and this is ${facts.platform}: use a Debian or Ubuntu machine, virtual machine or server.`
  }
  if (!atLeast(facts.node, [20, 0])) {
    return `Drydock's setup needs Node 20 or newer, and this is ${facts.node}: install one from nodejs.org (the newer Node that Drydock itself runs on comes by npm).`
  }
  if (facts.arch !== 'x64' && !atLeast(facts.node, [22, 18])) {
    return `On ${facts.arch} Drydock needs Node 22.18 or newer, as npm brings one for x64 only, and this is ${facts.node}: install one from nodejs.org.`
  }
  if (facts.lockedBy !== null) {
    return `Drydock already runs from this checkout (pid ${facts.lockedBy}): stop it with Ctrl-C where it was started, or use a second clone.`
  }
  if (!/^[0-9]{1,5}$/.test(facts.port) || Number(facts.port) < 1 || Number(facts.port) > 65_535) {
    return `PORT is "${facts.port}", which is no port: give a number from 1 to 65535, as in \`PORT=4300 ${again}\`.`
  }
  if (facts.portHolder !== null) {
    return `Port ${facts.port} is taken by ${facts.portHolder}: stop that, or choose another port, as in \`PORT=${Number(facts.port) === 4300 ? 4400 : 4300} ${again}\`.`
  }
  if (facts.ownCluster && facts.uid !== 0) {
    return `The embedded cluster needs root, for namespaces, mounts and cgroups: run \`sudo ${again}\`, or set KUBECONFIG to a cluster of yours.`
  }
  if (facts.ownCluster && !atLeast(facts.kernel, [6, 3])) {
    return `The embedded cluster needs Linux 6.3 or newer, for pods with user namespaces, and this is ${facts.kernel}: upgrade the kernel, or set KUBECONFIG to a cluster of yours.`
  }
  return refuseMissing(facts, again) ?? refuseDisk(facts)
}

function refuseMissing({ missing, debian, uid, ownCluster, ownDatabase }, again) {
  if (missing.length === 0) return null
  const without =
    ownCluster || ownDatabase ? ', or set KUBECONFIG and DATABASE_URL to a cluster and a PostgreSQL of yours' : ''
  if (!debian) {
    const things = missing.map(({ gives }) => gives).join(', ')
    return `This is neither Debian nor Ubuntu, where Drydock installs what it needs, and these are missing: ${things}. Install them${without}.`
  }
  if (uid !== 0) {
    const names = missing.map(({ name }) => name).join(' ')
    return `Debian packages are missing and only root may install them: run \`sudo apt-get install ${names}\`, then \`${again}\`.`
  }
  return null
}

function refuseDisk({ disks }) {
  for (const { path, freeBytes, neededBytes } of disks) {
    if (freeBytes < neededBytes) {
      return `The disk of ${path} has ${gib(freeBytes)} free and this needs ${gib(neededBytes)}: free some space, or put checkout and cache elsewhere (XDG_CACHE_HOME).`
    }
  }
  return null
}

/**
 * @param {string} text debian-packages.txt
 * @returns {Package[]}
 */
export function parsePackages(text) {
  return text
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => {
      const [name = '', gives = '', tag = ''] = line.trim().split(/\s+/)
      const use = tag === '#base' ? 'base' : tag === '#test' ? 'test' : 'cluster'
      return { name, gives, use }
    })
}

function isPresent(gives) {
  if (gives.startsWith('/')) return existsSync(gives)
  // sbin is not on every user's PATH, and root's programs are there.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, gives), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The listed packages this run needs and whose program or file is not there. */
function missingPackages(listFile, { command, ownCluster }) {
  return parsePackages(readFileSync(listFile, 'utf8')).filter(
    ({ use, gives }) =>
      (use === 'base' || (use === 'cluster' && ownCluster) || (use === 'test' && command === 'test')) &&
      !isPresent(gives),
  )
}

/**
 * @param {'start' | 'test'} command
 * @param {{ root: string, lockFile: string }} where
 * @returns {Promise<Facts>}
 */
export async function gatherFacts(command, { root, lockFile }) {
  const ownCluster = !process.env.KUBECONFIG
  const port = process.env.PORT || '4200'
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'drydock')
  const firstSetup = ownCluster && !existsSync(join(cache, 'images'))
  const neededBytes = firstSetup ? FIRST_SETUP_BYTES : LATER_BYTES
  return {
    command,
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    kernel: release(),
    uid: process.getuid?.() ?? -1,
    debian: existsSync('/usr/bin/apt-get') && existsSync('/etc/debian_version'),
    ownCluster,
    ownDatabase: !process.env.DATABASE_URL,
    port,
    // Tests choose free ports.
    portHolder: command === 'start' ? await findPortHolder(Number(port)) : null,
    lockedBy: lockHolder(lockFile),
    missing:
      process.platform === 'linux'
        ? missingPackages(join(root, 'scripts/debian-packages.txt'), { command, ownCluster })
        : [],
    disks: [root, cache].map((path) => ({ path, freeBytes: freeBytes(path), neededBytes })),
  }
}

function freeBytes(path) {
  let folder = path
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Who listens on a loopback port, in words; null when it is free. ::1 too: a browser may try `localhost` there first. */
export async function findPortHolder(port) {
  if (!(port > 0 && port < 65_536)) return null
  for (const host of ['127.0.0.1', '::1']) {
    const code = await new Promise((resolve) => {
      const server = createServer()
      server.once('error', (error) => resolve(/** @type {NodeJS.ErrnoException} */ (error).code))
      server.listen(port, host, () => server.close(() => resolve(undefined)))
    })
    if (code === 'EADDRINUSE') return describeListener(port)
    if (code === 'EACCES') return 'the system, which gives ports below 1024 to root alone'
  }
  return null
}

/** By way of /proc/net/tcp and the open sockets of every process that we may look into (proc(5)). */
function describeListener(port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].filter(existsSync).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === '0A')
      .map((fields) => `socket:[${fields[9]}]`),
  )
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(readlinkSync(`/proc/${pid}/fd/${fd}`)))
      if (holds) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`
    } catch {
      // Gone meanwhile, or not ours to look into.
    }
  }
  return 'another program'
}
