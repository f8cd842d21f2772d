import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from '#lab/command.ts'
import { contentRoot } from '#lab/find-labs.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { stampOf } from '#lib/content/stamp.ts'
import { spawnBound, stopChild } from '#scripts/child.ts'
import { ROOT } from '#scripts/paths.ts'
import { readRunning } from '#scripts/running.ts'

const LOOK_MS = 500
const STOP_MS = 20_000

const HELP = `npm run lab -- dev PATH
Opens the platform for whoever writes the lab at PATH, and follows its files until Ctrl-C: a saved text, figure, task or check
is on the page and in the open lab a moment later. "Author" at the foot of each page shows mistakes, and of each check its
source, verdict, duration and what it printed to stderr.`

export const run: Command = async ([path, ...rest], signal) => {
  if (!path || rest.length > 0 || path.startsWith('-')) {
    console.log(HELP)
    return path === '--help' || path === '-h' ? 0 : 2
  }
  const { root, below } = contentRoot(path)
  await using parts = new AsyncDisposableStack()
  const { ended } = openPlatform(root, parts)
  console.log(`Following ${resolve(root, below)}`)
  await Promise.race([ended, follow(root, below, signal)])
  return signal.aborted ? 0 : 1
}

/** The platform that runs in this checkout if it shows this content to authors; else one is started. */
function openPlatform(root: string, parts: AsyncDisposableStack): { ended: Promise<unknown> } {
  const running = readRunning()
  if (running) {
    const { url, contentDir, authoring } = running
    if (!authoring || resolve(ROOT, contentDir) !== root) {
      throw new Error(`A platform runs here already, with other content or not for authors: ${url}. Stop it first.`)
    }
    console.log(`The platform is open: ${url}`)
    return { ended: new Promise(() => {}) }
  }
  const platform = spawnBound(process.execPath, ['scripts/bootstrap.mjs', 'start'], {
    cwd: ROOT,
    env: { ...process.env, CONTENT_DIR: root, AUTHORING: '1' },
    inherit: true,
  })
  parts.defer(() => stopChild(platform, 'SIGTERM', STOP_MS))
  return { ended: once(platform, 'exit') }
}

/** Says what is to be mended whenever a file has changed, until aborted. */
async function follow(root: string, below: string, signal: AbortSignal): Promise<void> {
  for (let stamp = ''; !signal.aborted; await sleep(LOOK_MS, undefined, { signal }).catch(() => {})) {
    const now = await stampOf(root)
    if (now === stamp) continue
    stamp = now
    const { problems } = await loadCatalogue(root)
    const here = problems.filter(({ file }) => below === '' || file.startsWith(below))
    const time = new Date().toTimeString().slice(0, 8)
    console.log(
      here.length === 0 ? `${time} no mistake` : `${time} to mend:\n  ${here.map(formatProblem).join('\n  ')}`,
    )
  }
}
