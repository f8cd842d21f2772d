import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { CTR } from './components.ts'
import { exec, waitFor } from './exec.ts'
import { NODE_DATA } from './instance.ts'

const [ctr = '', ...CTR_ARGS] = CTR
const run = (...args: string[]) => exec(ctr, [...CTR_ARGS, ...args])
const lines = (text: string) => text.split('\n').filter(Boolean)

/**
 * Removes what an earlier boot's pods left in containerd's store, so that images persist and nothing else does.
 * A containerd without its CRI plugin does it: with the plugin, the dead sandboxes would be taken up as the node's own.
 */
export async function clearContainers(log: (line: string) => void): Promise<void> {
  if (!existsSync(`${NODE_DATA}/containerd/io.containerd.metadata.v1.bolt/meta.db`)) return
  const output = openSync(`${NODE_DATA}/logs/containerd-clean.log`, 'w')
  const containerd = spawn('containerd', ['--config', `${NODE_DATA}/conf/containerd-clean.toml`], {
    stdio: ['ignore', output, output],
  })
  const ended = new Promise((resolve) => containerd.once('exit', resolve))
  try {
    await waitFor('containerd', () => run('version'), { timeoutMs: 20_000, intervalMs: 25 })
    const containers = lines(await run('containers', 'list', '--quiet'))
    if (containers.length > 0) await run('containers', 'delete', ...containers)
    const sandboxes = lines(await run('sandboxes', 'list'))
      .slice(1)
      .map((line) => line.split(/\s+/)[0] ?? '')
    if (sandboxes.length > 0) await run('sandboxes', 'delete', '--force', ...sandboxes)
    log(`${containers.length} containers and ${sandboxes.length} sandboxes of an earlier boot were removed`)
  } finally {
    containerd.kill('SIGTERM')
    await ended
  }
}
