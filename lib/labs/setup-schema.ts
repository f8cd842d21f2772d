import { z } from 'zod'
import { duration, id, line, machine, path, port, service, text } from '#lib/labs/schema-parts.ts'

const SAFE = Number.MAX_SAFE_INTEGER

/** No quote and nothing that a shell, a URL or YAML would read as its own: a value is typed and sent as it is. */
const pick = z.union([
  z.int().min(-SAFE).max(SAFE),
  z.string().regex(/^[A-Za-z0-9](?:[\w .,:/@+=-]{0,58}[\w/])?$/, 'a plain word or two, e.g. "api"'),
])

const variable = z.strictObject({
  int: z.tuple([z.int(), z.int()]).optional().describe('A whole number from the first to the second.'),
  pick: z.array(pick).min(2).max(100).optional().describe('One of these.'),
})

export const varsShape = z
  .record(id, variable)
  .describe(
    'Values drawn once for each attempt, so that no two learners have the same lab. Exactly one of the kinds each.',
  )

const file = z.strictObject({
  from: path.describe("A file or a folder of the lab's own folder."),
  to: z
    .string()
    .max(300)
    .regex(
      /^[a-z][a-z0-9-]{0,40}:(?!.*\/\.{1,2}(?:\/|$))(?:\/[\w.@+-]+)+$/,
      'a machine and a path in it, e.g. "box:/srv/app"',
    )
    .describe('Where it goes: the machine, a colon, and the full path that it has there.'),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'three octal digits in quotes, e.g. "0755"')
    .optional()
    .describe('Permissions of each file; left out: 0755 for what its owner may run, else 0644.'),
})
export const filesShape = z
  .array(file)
  .max(50)
  .describe('What is put into machines before anything starts; 1 MiB in all.')

const onlyMachine = 'The machine; may be left out where there is only one.'

const step = z.strictObject({
  id: id.describe('Its name.'),
  on: id.optional().describe(onlyMachine),
  title: text(120).describe('Shown while it runs.'),
  run: path.describe('A bash script, run by root in the machine.'),
  needs: z.array(id).max(50).default([]).describe('Steps that must have ended before.'),
  timeout: duration('10m').default('60s').describe('Longest it may take.'),
})
export const initShape = z
  .array(step)
  .max(20)
  .describe(
    'What prepares the machines. The lab is ready when all steps have ended; those that need nothing run at once.',
  )

const load = z.strictObject({
  id: id.describe('Its name.'),
  url: line(500)
    .regex(/^http:\/\/[^\s/]/, 'an address, e.g. "http://web/"')
    .describe('What is asked for.'),
  rate: z
    .string()
    .regex(/^(?:[1-9]|[1-4]\d|50)\/s$/, 'requests a second, from "1/s" to "50/s"')
    .describe('Requests a second, from `1/s` to `50/s`.'),
  on: id.optional().describe('The machine whose examiner sends them; may be left out where there is only one.'),
})
export const loadShape = z.array(load).max(5).describe('Steady requests, sent and counted while the lab runs.')

const preview = z.strictObject({
  machine,
  service,
  port,
  title: text(60).describe('What the learner clicks on.'),
  from: id.optional().describe('Of a Service: the machine with kubectl that reaches it; left out: the first.'),
})
export const portsShape = z
  .array(preview)
  .max(6)
  .describe(
    'Pages that machines or Services serve, to be opened in the browser. Each of either a `machine` or a `service`.',
  )

const fault = z.strictObject({
  id: id.describe('Its name.'),
  layer: text(80).describe('Where the fault is, as the learner chooses it from a list.'),
  run: path.describe('A bash script, run by root in the machine, that breaks it.'),
  on: id.optional().describe(onlyMachine),
  mended: id.describe('The task that passes again when it is mended.'),
})
export const scenesShape = z
  .record(id, z.array(fault).min(3).max(10))
  .describe('For `:::break{scene=…}` in a lesson: hidden faults, of which one is injected.')
