import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of modules/: the pinned upstream module and how its commands are built. */
export type Component = {
  name: string
  /** The pinned upstream module, whose version in go.mod is the one that is built. */
  module: string
  /** Measured cold build on two cores, in seconds. */
  seconds: number
  cgo?: boolean
  tags?: string
  /** Variables that take the version, as upstream's own build sets them (`{v}` stands for it without its v). */
  versionVars?: string[]
  /** Built names that differ from what we call them. */
  rename?: Record<string, string>
  /** Not part of every cluster: built only when asked for by name, as no first lab should wait for it. */
  extra?: true
  /** C programs of the module beside the Go commands: name → source file in the module. */
  programs?: Record<string, string>
}

export const COMPONENTS: readonly Component[] = [
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    seconds: 291,
    versionVars: ['k8s.io/component-base/version.gitVersion=v{v}', 'k8s.io/client-go/pkg/version.gitVersion=v{v}'],
    programs: { pause: 'build/pause/linux/pause.c' },
  },
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', seconds: 30, rename: { server: 'etcd' } },
  {
    name: 'runc',
    module: 'github.com/opencontainers/runc',
    seconds: 10,
    cgo: true,
    tags: 'seccomp',
    versionVars: ['main.version={v}'],
  },
  { name: 'containerd', module: 'github.com/containerd/containerd/v2', seconds: 50 },
  { name: 'cni', module: 'github.com/containernetworking/plugins', seconds: 4 },
  { name: 'coredns', module: 'github.com/coredns/coredns', seconds: 92 },
  // Its own cmd/registry links the drivers of three clouds; main.go links the file system's alone.
  { name: 'registry', module: 'github.com/distribution/distribution/v3', seconds: 25, extra: true },
  {
    name: 'traefik',
    module: 'github.com/traefik/traefik/v3',
    seconds: 257,
    versionVars: ['github.com/traefik/traefik/v3/pkg/version.Version={v}'],
    extra: true,
  },
]

const modulesDir = join(import.meta.dirname, 'modules')

export function moduleDir(component: Component): string {
  return join(modulesDir, component.name)
}

const readModule = (component: Component) => readFileSync(join(moduleDir(component), 'go.mod'), 'utf8')

/** The version of a module in a go.mod file's text, without the v. */
export function pinnedVersion(goMod: string, module: string): string {
  const escaped = module.replaceAll(/[.\\/]/g, '\\$&')
  const version = new RegExp(`^\\s*(?:require\\s+)?${escaped}\\s+v(\\S+)`, 'm').exec(goMod)?.[1]
  if (!version) throw new Error(`go.mod does not require ${module}`)
  return version
}

/** Arguments of `go build`, output folder and packages aside. */
export function buildFlags(component: Component, goMod: string): string[] {
  const version = pinnedVersion(goMod, component.module)
  const variables = (component.versionVars ?? []).map((variable) => `-X ${variable.replace('{v}', version)}`)
  return [
    '-trimpath',
    ...(component.tags ? ['-tags', component.tags] : []),
    '-ldflags',
    ['-s -w', ...variables].join(' '),
  ]
}

/** Names one build of a component: the same inputs give the same name in every checkout. */
export function buildKey(component: Component, goVersion: string): string {
  const goMod = readModule(component)
  const folder = moduleDir(component)
  const goSum = readFileSync(join(folder, 'go.sum'), 'utf8')
  const sources = readdirSync(folder).filter((file) => file.endsWith('.go'))
  const inputs = [goMod, goSum, buildFlags(component, goMod), component.cgo ?? false, component.rename ?? {}]
  const own = sources.map((file) => readFileSync(join(folder, file), 'utf8'))
  const hash = createHash('sha256').update(
    JSON.stringify([...inputs, component.programs ?? {}, goVersion, process.arch, ...own]),
  )
  return `${component.name}-${hash.digest('hex').slice(0, 16)}`
}

export function componentFlags(component: Component): string[] {
  return buildFlags(component, readModule(component))
}

/** Upstream versions as pinned, for the status and the README. */
export function pinnedVersions(): Record<string, string> {
  return Object.fromEntries(
    COMPONENTS.map((component) => [component.name, pinnedVersion(readModule(component), component.module)]),
  )
}

/** The oldest Go that can build them all: the highest `go` line of the modules. */
export function requiredGo(): string {
  const versions = COMPONENTS.map((component) => /^go (\S+)$/m.exec(readModule(component))?.[1] ?? '0')
  return versions.reduce((highest, version) => (compareVersions(version, highest) > 0 ? version : highest))
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let part = 0; part < 3; part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
