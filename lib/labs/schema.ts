import { z } from 'zod'
import { DURATION, durationSeconds } from '#lib/labs/duration.ts'
import { imageReference } from '#lib/labs/image-reference.ts'
import { brokenRules } from '#lib/labs/rules.ts'
import { SELECTOR } from '#lib/labs/selector.ts'

const MAX_CEL_CHARS = 2000

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

/** Judged by CEL over what the API server says about the learner's own namespace; `object`, or `objects` for a list. */
const kubernetesCheck = z.strictObject({
  /** One object: `pods/web`, `deployments.apps/web`. One that does not exist is not yet. */
  get: z
    .string()
    .max(320)
    .regex(/^[a-z0-9]+(?:\.[a-z0-9.-]+)?\/[a-z0-9][a-z0-9.-]*$/, 'a resource and a name, e.g. "deployments.apps/web"')
    .optional(),
  /** All objects of a resource, or those that `selector` names. */
  list: z
    .string()
    .max(320)
    .regex(/^[a-z0-9]+(?:\.[a-z0-9.-]+)?$/, 'a resource, e.g. "pods" or "deployments.apps"')
    .optional(),
  selector: z.string().max(1000).regex(SELECTOR, 'labels, e.g. "app=web,tier!=db,canary,!old"').optional(),
  cel: z.string().min(1).max(MAX_CEL_CHARS),
})

const check = z.strictObject({ run: path.optional(), kubernetes: kubernetesCheck.optional() })

const task = z.strictObject({
  id,
  title: z.string().min(1).max(120),
  /** `state`: to be achieved. `guard`: must hold from the start to the end. */
  kind: z.enum(['state', 'guard']).default('state'),
  /** The machine the check looks at; may be left out where there is only one. */
  on: id.optional(),
  /** Tasks that must pass before this one is looked at. */
  needs: z.array(id).max(50).default([]),
  /** Left out: it must hold when the lab is judged solved. `once`: a passing moment is kept. */
  mode: z.strictObject({ stableFor: duration('10m').optional(), once: z.literal(true).optional() }).optional(),
  /** Exactly one of its kinds. */
  check,
  /** What a Kubernetes check saw, with `{{ object.… }}`; the scripts of others say it themselves. */
  evidence: z.string().min(1).max(300).optional(),
})

const machine = z.strictObject({
  name: id,
  profile: z.enum(['shell', 'root', 'engine', 'kubernetes']),
  /** In place of the profile's own image; whether the platform allows it is seen when the lab is started. */
  image: imageReference.optional(),
  terminals: z.array(id).min(1).max(6).default(['main']),
})

const labShape = z.strictObject({
  /** The short form of `kubernetes: {}`; gone once the lab is parsed. */
  profile: z.literal('kubernetes').optional(),
  /** There once the lab is parsed where the learner gets a namespace of their own in the cluster. */
  kubernetes: z.strictObject({}).nullable().optional(),
  machines: z.array(machine).max(6).default([]),
  time: z.strictObject({ budget: duration('8h').default('60m'), extend: duration('2h').default('15m') }).prefault({}),
  tasks: z.array(task).min(1).max(50),
  /** By task: from the gentlest nudge to almost the answer. Plain text. */
  hints: z.record(id, z.array(z.string().min(1).max(600)).min(1).max(5)).default({}),
})

export type Lab = z.output<typeof labShape>

const WORKSTATION: Lab['machines'][number] = { name: 'workstation', profile: 'kubernetes', terminals: ['main'] }

/** One form for every way of asking for Kubernetes: `kubernetes: {}`, and a workstation where no machine is named. */
function normalised({ profile, kubernetes, ...lab }: Lab): Lab {
  const asked = profile || kubernetes !== undefined || lab.machines.some((each) => each.profile === 'kubernetes')
  if (!asked) return lab
  return { ...lab, kubernetes: kubernetes ?? {}, machines: lab.machines.length > 0 ? lab.machines : [WORKSTATION] }
}

/** What `lab.yaml` declares. Unknown keys are errors; names that lead nowhere and circles of needs are too. */
export const labSchema = labShape.overwrite(normalised).superRefine((lab, context) => {
  for (const { message, path, ...params } of brokenRules(lab)) {
    context.addIssue({ code: 'custom', message, path, params })
  }
})

export type Task = Lab['tasks'][number]
export type KubernetesCheck = NonNullable<Task['check']['kubernetes']>

/** What a LabVersion stores: the lab, with the source of every check script it names. */
export type LabDefinition = { lab: Lab; scripts: Record<string, string> }
