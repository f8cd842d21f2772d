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

export const images: readonly ImageSpec[] = [
  { name: 'debian', adds: [{ kind: 'debian', file: 'rootfs.tar', suite: 'trixie' }], internal: true, seconds: 19 },
  { name: 'base', from: { BASE: 'debian' }, seconds: 10 },
  { name: 'net', from: { BASE: 'base' }, internal: true, seconds: 11 },
  { name: 'root', from: { BASE: 'net' }, seconds: 6 },
  { name: 'examiner', from: { BASE: 'net' }, seconds: 3 },
  { name: 'agent', adds: [{ kind: 'go', file: 'agent', module: 'agent' }], target: 'prebuilt', seconds: 15 },
  { name: 'pause', adds: [{ kind: 'binary', file: 'pause' }], seconds: 1 },
  { name: 'coredns', adds: [{ kind: 'binary', file: 'coredns' }], seconds: 4 },
]
