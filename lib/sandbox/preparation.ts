import { z } from 'zod'
import type { Lab, LabDefinition } from '#lib/labs/schema.ts'

/** How one init step ended; `output` is the end of what it printed, for the author's eyes. */
const stepSchema = z.object({
  status: z.number(),
  timedOut: z.boolean().default(false),
  output: z.string(),
  problem: z.string().default(''),
  durationMs: z.number(),
})
const preparationSchema = z.object({
  /** Titles of what runs now. */
  running: z.array(z.string()),
  /** By step, those that have ended. */
  steps: z.record(z.string(), stepSchema),
  /** Everything is in place. */
  done: z.boolean(),
})

export type StepEnd = z.output<typeof stepSchema>
/** Sandbox.preparation: what became of a lab's files and init steps. */
export type Preparation = z.output<typeof preparationSchema>

export const stepEnd = (said: unknown): StepEnd => stepSchema.parse(said)
export const parsePreparation = (stored: unknown): Preparation =>
  stored === null ? { running: [], steps: {}, done: false } : preparationSchema.parse(stored)

/** Whether machines are to be prepared before anybody may use them. */
export const needsPreparation = ({ files = [], init = [] }: Pick<Lab, 'files' | 'init'>): boolean =>
  files.length + init.length > 0

export const isGood = ({ status, timedOut, problem }: StepEnd): boolean => status === 0 && !timedOut && problem === ''

/** What the learner reads when a step did not work. The rest is in the record, for whoever mends the lab. */
export function failedStepWords(title: string, { timedOut, status }: StepEnd): string {
  const how = timedOut ? 'took too long' : `failed (exit status ${status})`
  return `Preparing your machine did not work: “${title}” ${how}. That was not your doing. Try again; if it happens again, the lab is broken, and its author can mend it.`
}

/** How the steps ended, for whoever mends the lab. */
export const stepLines = ({ steps }: Preparation): string[] =>
  Object.entries(steps).map(([id, { status, timedOut, problem, output, durationMs }]) => {
    const how = problem || (timedOut ? 'took too long' : `exit status ${status}`)
    return `${id}: ${how}, ${durationMs} ms\n${output}`.trimEnd()
  })

export type PlacedFile = { machine: string; path: string; mode: number; base64: string }

/** Every file of the lab with its place: a folder's files keep their paths below it. */
export function placedFiles({ lab, files = {} }: LabDefinition): PlacedFile[] {
  return (lab.files ?? []).flatMap(({ from, to, mode }) => {
    const [, machine = '', place = ''] = /^([^:]+):(.*)$/.exec(to) ?? []
    return Object.entries(files).flatMap(([path, file]) => {
      const below = path === from ? '' : path.startsWith(`${from}/`) ? path.slice(from.length) : null
      if (below === null) return []
      return [{ machine, path: place + below, mode: Number.parseInt(mode ?? file.mode, 8), base64: file.base64 }]
    })
  })
}
