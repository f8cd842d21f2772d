import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { SetupError } from '#cluster/contract.ts'
import { buildImages, planImages } from './build.ts'
import { images } from './list.ts'

const USAGE = `node images/main.ts [options] [name…]   build images (default: all a cluster needs) and print their references
  --list           show what there is, built or not, and build nothing
  --archives       print archive paths beside the references
  --bin-dir DIR    folder of the programs pause and coredns
  --go COMMAND     the Go command that compiles the agent
  --quiet          no progress`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean' },
      archives: { type: 'boolean' },
      'bin-dir': { type: 'string' },
      go: { type: 'string' },
      quiet: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(USAGE)
  const binDir = values['bin-dir']
  const from = binDir ? { binDir } : {}
  if (values.list) return list(positionals, from)
  const built = await buildImages({
    ...from,
    ...(positionals.length > 0 && { only: positionals }),
    ...(values.go && { go: values.go }),
    onProgress: (progress) => {
      if (values.quiet) return
      const left = progress.etaSeconds === null ? '' : ` · ${progress.etaSeconds} s left`
      const line = `${progress.component}: ${progress.step} · ${Math.floor((100 * progress.done) / progress.total)} %${left}`
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
    },
  })
  if (process.stderr.isTTY && !values.quiet) process.stderr.write('\r\x1b[K')
  for (const { ref, archive } of built) console.log(values.archives ? `${ref}\t${archive}` : ref)
}

async function list(only: string[], from: { binDir?: string }): Promise<void> {
  for (const { name } of images) {
    if (only.length > 0 && !only.includes(name)) continue
    try {
      const image = (await planImages({ ...from, only: [name] })).at(-1)
      const built = image && (await stat(image.archive).catch(() => null))
      const state = built ? `${Math.ceil(built.size / 1e6)} MB` : 'not built'
      console.log(`${name.padEnd(12)}${(image?.ref ?? '').padEnd(40)}${state}`)
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      console.log(`${name.padEnd(12)}${error.message}`)
    }
  }
}

try {
  await main()
} catch (error) {
  if (error instanceof SetupError) console.error(`\n${error.message}\n\n${error.wayOut}`)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
