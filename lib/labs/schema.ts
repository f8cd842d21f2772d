import { z } from 'zod'
import { DURATION, durationSeconds } from '#lib/labs/duration.ts'
import { brokenRules } from '#lib/labs/rules.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'lower-case letters, digits and dashes, starting with a letter')

/** A file of the lab's own folder: no way out of it can be written. */
const path = z
  .string()
  .regex(
    /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9_][\w.-]*(?:\/[\w.-]+)*$/,
    'a path inside the lab\'s folder, e.g. "checks/running.sh"',
  )

const duration = (longest: string) =>
  z
    .string()
    .regex(DURATION, 'a whole number and a unit, e.g. "90s", "45m" or "2h"')
    .refine((text) => !DURATION.test(text) || durationSeconds(text) <= durationSeconds(longest), `at most ${longest}`)

const check = z.strictObject({ run: path })

const task = z.strictObject({
  id,
  title: z.string().min(1).max(120),
  /** `state`: to be achieved. `guard`: must hold from the start to the end. */
  kind: z.enum(['state', 'guard']).default('state'),
  /** The machine the check looks at; may be left out where there is only one. */
  on: id.optional(),
  /** Tasks that must pass before this one is looked at. */
  needs: z.array(id).max(50).default([]),
  check,
})

const machine = z.strictObject({
  name: id,
  profile: z.enum(['root']),
  terminals: z.array(id).min(1).max(6).default(['main']),
})

const labShape = z.strictObject({
  machines: z.array(machine).min(1).max(6),
  time: z.strictObject({ budget: duration('8h').default('60m'), extend: duration('2h').default('15m') }).prefault({}),
  tasks: z.array(task).min(1).max(50),
  /** By task: from the gentlest nudge to almost the answer. Plain text. */
  hints: z.record(id, z.array(z.string().min(1).max(600)).min(1).max(5)).default({}),
})

export type Lab = z.output<typeof labShape>

/** What `lab.yaml` declares. Unknown keys are errors; names that lead nowhere and circles of needs are too. */
export const labSchema = labShape.superRefine((lab, context) => {
  for (const { message, path, ...params } of brokenRules(lab)) {
    context.addIssue({ code: 'custom', message, path, params })
  }
})

export type Task = Lab['tasks'][number]

/** What a LabVersion stores: the lab, with the source of every check script it names. */
export type LabDefinition = { lab: Lab; scripts: Record<string, string> }
