/**
 * Every image Drydock builds. Adding one is a folder with an ordinary Dockerfile and a line here.
 */
export type ImageSpec = {
  name: string
  /** Dockerfile ARG → the image of this list that it names. An image is built after these. */
  from?: Record<string, string>
  /** Stage to stop at, where the Dockerfile has more. */
  target?: string
  /** What joins the folder's own files in the build context. */
  adds?: Addition[]
  /** Built for others only: never listed among the results unless asked for by name. */
  internal?: true
  /** Built when labs can be started already, as no first lab should wait for it; by itself only when asked for by name. */
  extra?: true
  /** Built after even those, as it takes minutes; by itself only when asked for by name. */
  late?: true
  /** Names under which people know it: pods find it by these too. */
  aliases?: string[]
  /** Measured cold build on two cores, for the estimate. */
  seconds: number
}

export type Addition =
  /** A file of the caller's `binDir`. */
  | { kind: 'binary'; file: string }
  /** A static binary compiled from a Go module folder of this repository. */
  | { kind: 'go'; file: string; module: string }
  /** A Debian root file system from Debian's archive, as a tar. */
  | { kind: 'debian'; file: string; suite: string }
  /** Images of this list, each under its aliases, in a folder as a registry stores them. */
  | { kind: 'storage'; file: string; images: string[] }

/** What `name` and `name:tag` in a pod become (github.com/distribution/reference, "normalized"). */
const hub = (name: string, ...tags: string[]) => tags.map((tag) => `docker.io/library/${name}:${tag}`)

export const images: readonly ImageSpec[] = [
  {
    name: 'debian',
    adds: [{ kind: 'debian', file: 'rootfs.tar', suite: 'trixie' }],
    aliases: hub('debian', 'latest', 'stable', 'trixie', 'trixie-slim', '13'),
    seconds: 19,
  },
  { name: 'base', from: { BASE: 'debian' }, seconds: 10 },
  { name: 'net', from: { BASE: 'base' }, internal: true, seconds: 11 },
  { name: 'root', from: { BASE: 'net' }, seconds: 6 },
  { name: 'engine', from: { BASE: 'root' }, extra: true, seconds: 40 },
  { name: 'examiner', from: { BASE: 'net' }, adds: [{ kind: 'binary', file: 'ctr' }], seconds: 3 },
  { name: 'kubernetes', from: { BASE: 'base' }, adds: [{ kind: 'binary', file: 'kubectl' }], seconds: 8 },
  { name: 'nginx', from: { BASE: 'debian' }, aliases: hub('nginx', 'latest', 'stable', '1.26'), seconds: 12 },
  { name: 'busybox', from: { BASE: 'debian' }, aliases: hub('busybox', 'latest', 'stable', '1.37'), seconds: 6 },
  { name: 'agent', adds: [{ kind: 'go', file: 'agent', module: 'agent' }], target: 'prebuilt', seconds: 15 },
  {
    name: 'python',
    from: { BASE: 'debian' },
    aliases: hub('python', 'latest', 'slim', '3', '3-slim', '3.13', '3.13-slim'),
    internal: true,
    seconds: 15,
  },
  {
    name: 'node',
    from: { BASE: 'debian' },
    aliases: hub('node', 'latest', 'slim', '20', '20-slim'),
    internal: true,
    seconds: 15,
  },
  {
    name: 'registry',
    adds: [
      { kind: 'binary', file: 'registry' },
      { kind: 'storage', file: 'storage', images: ['debian', 'nginx', 'busybox', 'python', 'node'] },
    ],
    extra: true,
    seconds: 15,
  },
  { name: 'ingress', adds: [{ kind: 'binary', file: 'traefik' }], late: true, seconds: 6 },
  { name: 'pause', adds: [{ kind: 'binary', file: 'pause' }], seconds: 1 },
  { name: 'coredns', adds: [{ kind: 'binary', file: 'coredns' }], seconds: 4 },
]

/** What the second build makes: see `extra`. */
export const extraImages: readonly string[] = images.filter(({ extra }) => extra).map(({ name }) => name)

/** What the third one makes: see `late`. */
export const lateImages: readonly string[] = images.filter(({ late }) => late).map(({ name }) => name)
