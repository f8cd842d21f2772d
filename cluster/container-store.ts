import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { CTR } from './components.ts'
import { exec, waitFor } from './exec.ts'
import { NODE_DATA } from './instance.ts'

const STORE = `${NODE_DATA}/containerd`
const [ctr = '', ...CTR_ARGS] = CTR
const run = (...args: string[]) => exec(ctr, [...CTR_ARGS, ...args])
const lines = (text: string) => text.split('\n').filter(Boolean)

/**
 * Removes what an earlier boot's pods left in containerd's store, so that images persist and nothing else does.
 * A containerd without its CRI server does it: with it, the dead sandboxes would be taken up as the node's own.
 */
export async function clearContainers(log: (line: string) => void): Promise<void> {
  if (!existsSync(STORE)) return
  try {
    await clear(log)
  } catch (error) {
    log(`containerd's store is of no use and starts empty: ${error}`)
    rmSync(STORE, { recursive: true, force: true })
  }
}

async function clear(log: (line: string) => void): Promise<void> {
  const output = openSync(`${NODE_DATA}/logs/containerd-clean.log`, 'w')
  const containerd = spawn('containerd', ['--config', `${NODE_DATA}/conf/containerd-clean.toml`], {
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const ended = new Promise((resolve) => containerd.once('close', resolve))
  try {
    const containers = lines(
      await waitFor('containerd', () => run('containers', 'list', '--quiet').then((text) => [text]), {
        timeoutMs: 20_000,
        intervalMs: 25,
      }).then(([text]) => text ?? ''),
    )
    const sandboxes = lines(await run('sandboxes', 'list'))
      .slice(1)
      .map((line) => line.split(/\s+/)[0] ?? '')
    // Forced, as stopping one that no longer runs is an error to ctr.
    if (sandboxes.length > 0) await run('sandboxes', 'remove', '--force', ...sandboxes)
    if (containers.length > 0) await run('containers', 'delete', ...containers)
    log(`removed ${containers.length} containers and ${sandboxes.length} sandboxes of an earlier boot`)
  } finally {
    containerd.kill('SIGTERM')
    await ended
  }
}
