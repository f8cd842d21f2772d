import { z } from 'zod'
import { type LabDefinition, labSchema } from '#lib/labs/schema.ts'

const definitionSchema = z.object({ lab: labSchema, scripts: z.record(z.string(), z.string()) })

/** A LabVersion's stored definition; it was validated when it was stored, and is again, as JSON has no type. */
export const parseDefinition = (stored: unknown): LabDefinition => definitionSchema.parse(stored)
