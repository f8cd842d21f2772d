import { dirname, join } from 'node:path'
import { findGo } from '#cluster/toolchain.ts'
import { run } from '../child.ts'
import { ROOT } from '../paths.ts'
import { listFiles } from '../stamp.mjs'
import { atLeastOne, type Count, countGo, failure, success, sum } from './counts.ts'
import type { Tier } from './tier.ts'

const OURS = ['agent', 'cluster', 'content', 'images', 'lab', 'lib', 'scripts']
/** Pinned upstream modules: their code is others'. */
const UPSTREAM = join('cluster', 'modules')
/** Fixtures may be wrong on purpose. */
const isOthers = (path: string) => path.startsWith(UPSTREAM) || /node_modules|\/fixtures\//.test(path)
const ours = (suffix: string) => listFiles(ROOT, OURS, isOthers).filter((path) => path.endsWith(suffix))

async function goModule(folder: string, go: string, signal: AbortSignal): Promise<Count> {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' }
  const options = { cwd: join(ROOT, folder), env, signal, allowFailure: true }
  const formatted = await run(join(dirname(go), 'gofmt'), ['-l', '.'], options)
  const vetted = await run(go, ['vet', './...'], options)
  const tested = await run(go, ['test', '-json', './...'], options)
  return sum([
    formatted.code === 0 && formatted.lines.length === 0
      ? success
      : failure(`gofmt would change, in ${folder}:\n${formatted.lines.join('\n')}`),
    vetted.code === 0 ? success : failure(`go vet, in ${folder}:\n${vetted.lines.join('\n')}`),
    countGo(tested.lines),
  ])
}

async function goTests(signal: AbortSignal): Promise<Count> {
  const modules = ours('go.mod').map(dirname)
  if (modules.length === 0) return atLeastOne({ passed: 0, failed: 0, skipped: 0, problems: [] })
  const go = await findGo(() => undefined)
  // `go` by name says nothing about where gofmt lies.
  const { lines } = await run(go.path, ['env', 'GOROOT'], { env: { ...process.env, GOTOOLCHAIN: 'local' }, signal })
  const program = join(lines[0] ?? '', 'bin', 'go')
  const counts: Count[] = []
  for (const module of modules) counts.push(await goModule(module, program, signal))
  return sum(counts)
}

/** What proofs type at a prompt: variables (`{{ vars.port }}`) are filled before, and a learner does not quote everything. */
const TYPED = /\/(?:solution|wrong|mend)\/[^/]+$/

/** One check for each script, so that the count says how many were read. */
async function shellScripts(signal: AbortSignal): Promise<Count> {
  const counts: Count[] = []
  for (const script of ours('.sh')) {
    // SC1091: what a script sources may be there only in its image.
    const exclude = TYPED.test(script) ? 'SC1091,SC1083,SC2046' : 'SC1091'
    const args = ['--shell=bash', `--exclude=${exclude}`, '--format=gcc', script]
    const { code, lines } = await run('shellcheck', args, { cwd: ROOT, signal, allowFailure: true })
    counts.push(code === 0 ? success : failure(lines.join('\n')))
  }
  return atLeastOne(sum(counts))
}

export const ownCodeTiers: Tier[] = [
  { name: 'go', title: 'Go: gofmt, vet, tests', run: goTests },
  { name: 'shell', title: 'shell scripts', run: shellScripts },
]
