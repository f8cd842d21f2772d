import { z } from 'zod'
import { checkShape } from '#lib/labs/check-schema.ts'
import { egressShape } from '#lib/labs/egress.ts'
import { imageReference } from '#lib/labs/image-reference.ts'
import { brokenRules } from '#lib/labs/rules.ts'
import { duration, id, path, text } from '#lib/labs/schema-parts.ts'
import { filesShape, initShape, loadShape, portsShape, scenesShape, varsShape } from '#lib/labs/setup-schema.ts'

const task = z.strictObject({
  id: id.describe('Its name, for `needs`, hints, `:::task{#id}` and `wrong/<task>--….sh`.'),
  title: text(120).describe('What must be true, as the learner reads it.'),
  kind: z
    .enum(['state', 'guard', 'answer'])
    .default('state')
    .describe('`state`: to be achieved. `guard`: must hold from the start to the end. `answer`: the learner types it.'),
  prompt: text(200).optional().describe('The question of an `answer`.'),
  on: id.optional().describe('The machine a script looks at; may be left out where there is only one.'),
  needs: z.array(id).max(50).default([]).describe('Tasks that must pass before this one is looked at.'),
  mode: z
    .strictObject({
      stableFor: duration('10m').optional().describe('Counts only after it was true for that long without a break.'),
      once: z.literal(true).optional().describe('A passing moment is kept.'),
    })
    .optional()
    .describe('Left out: it must hold when the lab is judged solved. Exactly one of its kinds.'),
  check: checkShape.describe('How it is looked at: exactly one of its kinds.'),
  evidence: text(300)
    .optional()
    .describe('What a Kubernetes check saw, with `{{ object.… }}`; the scripts of others say it themselves.'),
})

const machine = z.strictObject({
  name: id.describe('Its host name.'),
  profile: z
    .enum(['shell', 'root', 'engine', 'kubernetes'])
    .describe(
      '`shell`: an ordinary user. `root`: root. `engine`: root, with container engines. `kubernetes`: kubectl.',
    ),
  image: imageReference
    .optional()
    .describe("In place of the profile's own; whether the platform allows it is seen when the lab is started."),
  user: z
    .enum(['root', 'learner'])
    .optional()
    .describe('Who the learner is, where the profile has both; left out: root.'),
  size: z.enum(['small', 'medium', 'large']).optional().describe("More than the profile's own size."),
  terminals: z.array(id).min(1).max(6).default(['main']).describe('Terminals that are open from the start.'),
})

const hint = z.union([
  text(600),
  z.strictObject({
    when: path.describe('A check script; while it says pass, this hint is offered first.'),
    on: id.optional().describe("The machine it looks at; left out: the task's, or the only one."),
    text: text(600).describe('The hint.'),
  }),
])

const serviceAccount = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 63')
  .refine((name) => name !== 'default', 'a name but "default", which is there anyway')

export const labShape = z.strictObject({
  profile: z.literal('kubernetes').optional().describe('The short form of `kubernetes: {}`.'),
  kubernetes: z
    .strictObject({
      serviceAccounts: z
        .array(serviceAccount)
        .max(10)
        .optional()
        .describe('ServiceAccounts that are in it from the beginning, without any right.'),
      ingress: z
        .literal(true)
        .optional()
        .describe(
          'A door in front of that namespace, `http://ingress/` for machines with kubectl: it serves its Ingresses.',
        ),
    })
    .nullable()
    .optional()
    .describe('The learner gets a namespace of their own in the cluster.'),
  machines: z
    .array(machine)
    .max(6)
    .default([])
    .describe('Left out: a `workstation` with kubectl, where there is Kubernetes.'),
  egress: egressShape.optional(),
  vars: varsShape.optional(),
  files: filesShape.optional(),
  init: initShape.optional(),
  load: loadShape.optional(),
  ports: portsShape.optional(),
  time: z
    .strictObject({
      budget: duration('8h').default('60m').describe('How long it runs.'),
      extend: duration('2h').default('15m').describe('How much longer each time the learner asks; ten times at most.'),
    })
    .prefault({})
    .describe('How long the lab may take.'),
  tasks: z
    .array(task)
    .min(1)
    .max(50)
    .describe('What the learner is to achieve. The lab is solved when all hold together.'),
  hints: z
    .record(id, z.array(hint).min(1).max(5))
    .default({})
    .describe('By task: from the gentlest nudge to almost the answer. Plain text.'),
  scenes: scenesShape.optional(),
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
  for (const { message, path: place, ...params } of brokenRules(lab)) {
    context.addIssue({ code: 'custom', message, path: place, params })
  }
})

export type Task = Lab['tasks'][number]
export type Hint = Lab['hints'][string][number]
/** The words of a hint, whatever it waits for. */
export const hintText = (hint: Hint): string => (typeof hint === 'string' ? hint : hint.text)
export type KubernetesCheck = NonNullable<Task['check']['kubernetes']>

/** A file that `files` puts into a machine. `mode`: what its own permissions say, for entries that say nothing. */
export type LabFile = { base64: string; mode: '0644' | '0755' }

/**
 * What a LabVersion stores: the lab, the source of every script it names (checks, hints, init, scenes), and its files, by
 * their paths in the lab's folder.
 */
export type LabDefinition = { lab: Lab; scripts: Record<string, string>; files?: Record<string, LabFile> }
