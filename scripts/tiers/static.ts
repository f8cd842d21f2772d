import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../child.ts'
import { BIN, ROOT } from '../paths.ts'
import { generateClient } from '../site.ts'
import { type Count, failure, success } from './counts.ts'
import type { Tier } from './tier.ts'
import { vitest } from './vitest.ts'

/** A tool that says nothing when all is well: one check, passed or failed, with its words. */
async function tool(command: string, args: string[], signal: AbortSignal): Promise<Count> {
  const { code, lines } = await run(command, args, { cwd: ROOT, signal, allowFailure: true })
  return code === 0 ? success : failure(lines.join('\n'))
}

/** What dependency-cruiser reads: it refuses what does not exist. */
const cruised = () =>
  ['app', 'bench', 'cluster', 'components', 'content', 'e2e', 'images', 'lib', 'proxy.ts', 'scripts', 'server'].filter(
    (path) => existsSync(join(ROOT, path)),
  )
const nodeModule = (path: string) => join(ROOT, 'node_modules', path)

/** What needs nothing but the checkout: `npm run check`. */
export const staticTiers: Tier[] = [
  {
    name: 'format',
    title: 'format and lint',
    run: (signal) =>
      tool(
        join(BIN, 'biome'),
        ['ci', '--colors=off', '--reporter=summary', '--diagnostic-level=warn', '--error-on-warnings', '.'],
        signal,
      ),
  },
  {
    name: 'types',
    title: 'types',
    run: async (signal) => {
      await generateClient(signal)
      await run(join(BIN, 'next'), ['typegen'], { cwd: ROOT, signal })
      return tool(process.execPath, [nodeModule('typescript/bin/tsc'), '--noEmit', '--pretty', 'false'], signal)
    },
  },
  {
    name: 'dependencies',
    title: 'dependency rules',
    run: (signal) => {
      const cruise = [
        '--import',
        './scripts/use-typescript6.mjs',
        nodeModule('dependency-cruiser/bin/dependency-cruise.mjs'),
      ]
      return tool(process.execPath, [...cruise, ...cruised(), '--output-type', 'err-long'], signal)
    },
  },
  {
    name: 'unused',
    title: 'unused code',
    run: (signal) => tool(join(BIN, 'knip'), ['--no-progress', '--treat-config-hints-as-errors'], signal),
  },
  { name: 'unit', title: 'unit tests', run: (signal) => vitest('unit', {}, signal) },
]
