import { createHash } from 'node:crypto'
import type { LabDefinition } from '#lib/labs/schema.ts'

/**
 * The name of a lab's version: 64 hex digits of SHA-256 over its id and definition in one canonical form. The order of
 * keys does not matter; every value, every script's byte and the id do, so that a copied folder is another lab.
 */
export function labDigest(labId: string, definition: LabDefinition): string {
  return createHash('sha256').update(canonical({ labId, definition })).digest('hex')
}

/** JSON with sorted keys (after RFC 8785; the values are strings, numbers, arrays and plain objects). */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
