import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { IMAGES_FILE, RUNNING_FILE } from './paths.ts'

const schema = z.object({
  pid: z.number(),
  url: z.url(),
  databaseUrl: z.string(),
  kubeconfig: z.string(),
  contentDir: z.string(),
  authoring: z.boolean(),
})

/** Where the platform that `npm start` runs in this checkout is reached, by the tools of the checkout. */
export type Running = z.output<typeof schema>

/** Tells the tools; the file is for its owner alone. Disposal takes it back. */
export function announceRunning(running: Running): Disposable {
  writeFileSync(RUNNING_FILE, JSON.stringify(running), { mode: 0o600 })
  return { [Symbol.dispose]: () => rmSync(RUNNING_FILE, { force: true }) }
}

/** Null where none runs. */
export const readRunning = (): Running | null =>
  existsSync(RUNNING_FILE) ? schema.parse(JSON.parse(readFileSync(RUNNING_FILE, 'utf8'))) : null

/** Image name to its reference inside the embedded cluster; null before that is ready, or with another cluster. */
export const readImages = (): Record<string, string> | null =>
  existsSync(IMAGES_FILE) ? z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(IMAGES_FILE, 'utf8'))) : null
