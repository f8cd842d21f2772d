/**
 * Builds what the embedded cluster is made of, or with the argument `extras` or `late` what comes to it later, in a process
 * of its own at low priority, so that the site stays quick meanwhile. Speaks over IPC to its parent (lab-cluster.ts), and ends
 * with it.
 */
import { buildComponents } from '#cluster/build.ts'
import { type BuiltImage, type Progress, SetupError } from '#cluster/contract.ts'
import { buildImages } from '#images/build.ts'
import { extraImages, lateImages } from '#images/list.ts'
import type { Stage } from './lab-cluster.ts'

export type WorkerMessage =
  | { type: 'progress'; stage: Stage; progress: Progress }
  | { type: 'built'; binDir: string; images: BuiltImage[] }
  | { type: 'failed'; message: string; wayOut: string }

/** How long what is being built may take to end. */
const ABORT_LIMIT_MS = 5000

type Build = { stages: [programs: Stage, images: Stage]; components?: string[]; only?: readonly string[] }
const BUILDS: Record<string, Build> = {
  extras: { stages: ['extras', 'extras'], components: ['registry'], only: extraImages },
  late: { stages: ['late', 'late'], components: ['traefik'], only: lateImages },
}
const { stages, components, only }: Build = BUILDS[process.argv[2] ?? ''] ?? { stages: ['programs', 'images'] }
const send = (message: WorkerMessage) => {
  if (process.connected) process.send?.(message)
}

async function main(): Promise<void> {
  const abort = new AbortController()
  process.on('SIGINT', () => undefined)
  const stop = () => {
    if (abort.signal.aborted) return
    abort.abort()
    // To the whole session: `go build` tidies up on SIGINT, and its compilers are children of its own.
    process.kill(0, 'SIGINT')
    setTimeout(() => process.kill(0, 'SIGKILL'), ABORT_LIMIT_MS)
  }
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
  const { signal } = abort
  try {
    const binDir = await buildComponents({
      ...(components && { components }),
      onProgress: (progress) => send({ type: 'progress', stage: stages[0], progress }),
    })
    signal.throwIfAborted()
    const images = await buildImages({
      binDir,
      signal,
      ...(only && { only }),
      onProgress: (progress) => send({ type: 'progress', stage: stages[1], progress }),
    })
    send({ type: 'built', binDir, images })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const wayOut = error instanceof SetupError ? error.wayOut : 'Start again; what is built already is kept.'
    if (!signal.aborted) send({ type: 'failed', message, wayOut })
    process.exitCode = 1
  }
  if (signal.aborted) process.kill(0, 'SIGKILL')
  process.removeListener('disconnect', stop)
  if (process.connected) process.disconnect()
}

await main()
