import type { Manifest } from '#lib/sandbox/cluster-port.ts'

/**
 * Fields whose names are words of JavaScript: the client's classes put an underscore before them, and leave out without a
 * word what is given by its own name. `ingress: [{ from: … }]` would arrive as `[{}]`, which lets everybody in.
 */
const RENAMED = new Set(['default', 'from'])
const KINDS = new Set(['LimitRange', 'NetworkPolicy'])

/** The manifest as the client's classes want it. */
export function asClientObject(manifest: Manifest): Manifest {
  return KINDS.has(manifest.kind) ? { ...manifest, spec: renamed(manifest.spec) } : manifest
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([name, inner]) => [RENAMED.has(name) ? `_${name}` : name, renamed(inner)]))
}
