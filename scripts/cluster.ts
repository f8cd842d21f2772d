import { runCli } from '#cluster/cli.ts'
import { buildImages } from '#images/build.ts'
import { extraImages } from '#images/list.ts'
import { printManifests } from './admission-yaml.ts'
import { doctor } from './doctor.ts'

// The one place that knows the cluster, the images that go into it, and what labs need of any cluster.
const [command, ...rest] = process.argv.slice(2)
const own: Record<string, () => Promise<number> | number> = { doctor: () => doctor(rest), manifests: printManifests }
const run = own[command ?? '']
process.exitCode = run
  ? await run()
  : await runCli(process.argv.slice(2), ({ extra, ...options }) =>
      buildImages({ ...options, ...(extra && { only: extraImages }) }),
    )
