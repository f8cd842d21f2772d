import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ACCEPTABLE, ENGINE_SECCOMP_PROFILE } from '#lib/capabilities/capability.ts'
import { formatReport, missing } from '#lib/capabilities/format-report.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { probeCluster } from '#lib/k8s/probe-cluster.ts'
import { CLUSTER_DATA } from './paths.ts'

const USAGE = `Usage: npm run cluster -- doctor [--kubeconfig FILE] [--data FOLDER] [--image REF] [--json]

Looks at a cluster by asking its API server and by running small pods in a namespace of its own, which is deleted in the
end; takes seconds, 45 at most. Exit code: 0 when labs can run, 1 when something needed is missing, 2 when it cannot look.

  --kubeconfig FILE  the cluster; else KUBECONFIG, else the embedded one
  --data FOLDER      the embedded cluster's folder, where it is another one
  --image REF        image of the pods, with sh, nc and httpd or socat (busybox:1.37)
  --json             the findings as JSON

ACCEPT_MISSING=${ACCEPTABLE.join(',')} names what the operator does without, as for the platform itself.
`

/** What any cluster offers, and what labs would miss. Resolves with the exit code. */
export async function doctor(argv: string[]): Promise<number> {
  const aborted = new AbortController()
  const abort = () => aborted.abort(new Error('interrupted'))
  process.once('SIGINT', abort).once('SIGTERM', abort)
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        kubeconfig: { type: 'string' },
        data: { type: 'string' },
        image: { type: 'string', default: 'busybox:1.37' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(USAGE)
      return 0
    }
    const embedded = join(values.data ?? CLUSTER_DATA, 'kubeconfig')
    const path = values.kubeconfig ?? (values.data ? embedded : (process.env.KUBECONFIG ?? embedded))
    if (!existsSync(path)) throw new Error(`There is no kubeconfig at ${path}. Name one with --kubeconfig.`)
    const report = await probeCluster({
      source: new KubeConfigSource(path),
      image: values.image,
      seccompProfile: ENGINE_SECCOMP_PROFILE,
      signal: aborted.signal,
    })
    const accepted = ACCEPTABLE.filter((name) => process.env.ACCEPT_MISSING?.split(/[,\s]+/).includes(name))
    const lacks = missing(report, accepted)
    if (values.json) console.log(JSON.stringify({ ...report, missing: lacks }, null, 2))
    else console.log(`${formatReport(report)}\n\n${verdict(lacks)}`)
    return lacks.length === 0 ? 0 : 1
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort)
  }
}

const verdict = (lacks: string[]): string =>
  lacks.length === 0
    ? 'Labs can run here. What is not there is told above, and labs that need it are shown as unavailable.'
    : `Labs cannot run here: ${lacks.join(', ')} ${lacks.length === 1 ? 'is' : 'are'} needed.`
