import { z } from 'zod'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'lower-case letters, digits and dashes, starting with a letter')

const check = z.strictObject({ run: z.string() })

const task = z.strictObject({
  id,
  title: z.string().min(1).max(120),
  on: id.optional(),
  needs: z.array(id).default([]),
  check,
})

/** What `lab.yaml` declares. Unknown keys are errors. */
export const labSchema = z.strictObject({
  machines: z
    .array(z.strictObject({ name: id, profile: z.enum(['root']), terminals: z.array(id).min(1).default(['main']) }))
    .min(1)
    .max(6),
  time: z.strictObject({ budget: z.string(), extend: z.string() }).optional(),
  tasks: z.array(task).min(1).max(50),
  hints: z.record(id, z.array(z.string())).default({}),
})

export type Lab = z.output<typeof labSchema>
export type Task = Lab['tasks'][number]

/** What a LabVersion stores: the lab, with the source of every check script it names. */
export type LabDefinition = { lab: Lab; scripts: Record<string, string> }
