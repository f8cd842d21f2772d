import { runCli } from '#cluster/cli.ts'
import { buildImages } from '#images/build.ts'
import { extraImages } from '#images/list.ts'
import { doctor } from './doctor.ts'

// The one place that knows the cluster, the images that go into it, and what labs need of any cluster.
const [command, ...rest] = process.argv.slice(2)
process.exitCode =
  command === 'doctor'
    ? await doctor(rest)
    : await runCli(process.argv.slice(2), ({ extra, ...options }) =>
        buildImages({ ...options, ...(extra && { only: extraImages }) }),
      )
