import { runCli } from '#cluster/cli.ts'
import { buildImages } from '#images/build.ts'
import { extraImages } from '#images/list.ts'

// The one place that knows both the cluster and the images that go into it.
process.exitCode = await runCli(process.argv.slice(2), ({ extra, ...options }) =>
  buildImages({ ...options, ...(extra && { only: extraImages }) }),
)
