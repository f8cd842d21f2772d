import { z } from 'zod'
import { type LabDefinition, labSchema } from '#lib/labs/schema.ts'

const file = z.object({ base64: z.string(), mode: z.enum(['0644', '0755']) })
const definitionSchema = z.object({
  lab: labSchema,
  scripts: z.record(z.string(), z.string()),
  files: z.record(z.string(), file).optional(),
})

/** A LabVersion's stored definition; it was validated when it was stored, and is again, as JSON has no type. */
export function parseDefinition(stored: unknown): LabDefinition {
  const { files, ...definition } = definitionSchema.parse(stored)
  return files ? { ...definition, files } : definition
}
