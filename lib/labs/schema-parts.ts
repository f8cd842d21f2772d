import { z } from 'zod'
import { DURATION, durationSeconds } from '#lib/labs/duration.ts'

/** A name within a lab. */
export const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/, 'lower-case letters, digits and dashes, starting with a letter')

/** A file of the lab's own folder: no way out of it can be written. */
export const path = z
  .string()
  .regex(
    /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9_][\w.-]*(?:\/[\w.-]+)*$/,
    'a path inside the lab\'s folder, e.g. "checks/running.sh"',
  )

export const duration = (longest: string) =>
  z
    .string()
    .regex(DURATION, 'a whole number and a unit, e.g. "90s", "45m" or "2h"')
    .refine((text) => !DURATION.test(text) || durationSeconds(text) <= durationSeconds(longest), `at most ${longest}`)

export const text = (longest: number) => z.string().min(1).max(longest)

/** What may stand in one line of a request or an answer. */
export const line = (longest: number) => text(longest).regex(/^\P{Cc}*$/u, 'one line of text')

export const machine = id.optional().describe('A machine of the lab, asked in its own network.')

export const service = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of a Service, e.g. "web"')
  .optional()
  .describe("A Service of the learner's namespace.")

export const port = z
  .union([
    z.int().min(1).max(65_535),
    z.string().regex(/^\{\{\s*vars\.[a-z][a-z0-9-]*\s*\}\}$/, 'a port from 1 to 65535, or "{{ vars.port }}"'),
  ])
  .describe('From 1 to 65535, or a variable: `"{{ vars.port }}"`.')
