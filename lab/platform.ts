import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import pino from 'pino'
import { needsOutside, type Outside, openOutside, withoutOutside } from '#lab/outside.ts'
import { RealSandboxes } from '#lab/sandboxes.ts'
import { authenticateRequest } from '#lib/auth/authenticate-request.ts'
import { noteActivity } from '#lib/checks/activity.ts'
import { db } from '#lib/db/client.ts'
import { events } from '#lib/db/events.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'
import { findPreview } from '#lib/previews/find-preview.ts'
import { spendTicket } from '#lib/previews/spend-ticket.ts'
import type { LabProof } from '#lib/proof/load-proof.ts'
import type { ProofPort } from '#lib/proof/proof-port.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { findTerminal } from '#lib/terminal/find-terminal.ts'
import { clusterOffers } from '#scripts/lab-cluster.ts'
import { LOGS } from '#scripts/paths.ts'
import type { ProgressDisplay } from '#scripts/progress.ts'
import { readImages, readRunning } from '#scripts/running.ts'
import { TestResources } from '#scripts/tiers/resources.ts'
import { createGateway } from '#server/gateway.ts'
import { createPreviewGateway } from '#server/preview-gateway.ts'
import { Reconciler } from '#server/reconciler.ts'
import { wire } from '#server/wire.ts'

export type LabPlatform = AsyncDisposable & {
  port: ProofPort
  kubernetes: string
  /** Those of some proofs that can be brought about here; why not the others is printed. */
  provable: <P extends Needs>(proofs: P[]) => P[]
}
type Needs = Pick<LabProof, 'id' | 'lab'>

/** The platform that runs in this checkout lends its PostgreSQL and its cluster, where nothing else is named. */
function adoptRunning(): void {
  const running = process.env.KUBECONFIG || process.env.DATABASE_URL ? null : readRunning()
  if (!running) return
  Object.assign(process.env, { DATABASE_URL: running.databaseUrl, KUBECONFIG: running.kubeconfig })
  // Of a cluster that is not the embedded one the environment says the same.
  const images = readImages()
  if (images) Object.assign(process.env, { DRYDOCK_IMAGES: JSON.stringify(images), ...clusterOffers() })
}

/**
 * The reconciler and the gateway of a platform, in this process, for labs that are being proven: a database of their own,
 * and their own instance on the cluster of the platform that runs here; without one, on a cluster that is started and
 * stopped. DATABASE_URL and KUBECONFIG win where given. Disposal ends every sandbox and leaves nothing.
 */
export async function openLabPlatform(
  display: ProgressDisplay,
  signal: AbortSignal,
  proofs: Needs[] = [],
): Promise<LabPlatform> {
  adoptRunning()
  const parts = new AsyncDisposableStack()
  try {
    const resources = parts.use(
      new TestResources((stage, progress) => {
        display.update(stage, progress)
        if (progress.done === progress.total) display.finish(stage)
      }, signal),
    )
    const onCluster = await resources.cluster()
    const environment = await resources.environment(await resources.migratedDatabase())
    Object.assign(process.env, {
      LOG_LEVEL: 'silent',
      ...environment,
      ...onCluster,
      NODE_ENV: 'test',
      NEXTAUTH_URL: `http://127.0.0.1:${environment.PORT}`,
      PREVIEW_DOMAIN: '',
      MAX_SANDBOXES: '1000',
    })
    const outside = proofs.some(needsOutside) ? await openOutside(onCluster.KUBECONFIG ?? '', parts) : null
    return await compose(parts, outside)
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

async function compose(parts: AsyncDisposableStack, outside: Outside | null): Promise<LabPlatform> {
  const { KUBECONFIG, NEXTAUTH_URL: publicUrl, NEXTAUTH_SECRET: secret, PREVIEW_DOMAIN: domain, PORT, HOST } = env()
  mkdirSync(LOGS, { recursive: true })
  const log = pino(
    { level: 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(join(LOGS, 'lab.log')),
  )
  parts.defer(async () => {
    await events().close()
    await db().$disconnect()
  })

  const source = new KubeConfigSource(KUBECONFIG)
  const exec = createExec(source)
  const instance = `lab-${randomUUID().slice(0, 8)}`
  const cluster = createCluster({ source, instance })
  const objects = new ObjectWatch({ source, log })
  const reconciler = new Reconciler({ cluster, exec, objects, instance, images: imageRefs, log, ...outside })
  const gateway = createGateway({
    exec,
    authenticate: authenticateRequest,
    findTerminal,
    onActivity: noteActivity,
    publicUrl,
    log,
  })
  const previews = createPreviewGateway({ exec, domain, publicUrl, secret, findPreview, spend: spendTicket, log })
  const server = createServer()
  wire(server, { previews, gateway, handle: (_request, response) => void response.writeHead(404).end() })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(PORT, HOST, resolve)
  })
  const kubernetes = await cluster.version()
  reconciler.start()

  const sandboxes = new RealSandboxes({ cluster, baseUrl: publicUrl })
  parts.defer(async () => {
    await sandboxes.endAll()
    await reconciler.stop()
    objects.stop()
    for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
    await gateway.close()
    previews.close()
    server.closeAllConnections()
    server.close()
  })
  const provable = <P extends Needs>(proofs: P[]) => (outside ? proofs : withoutOutside(proofs))
  return { port: sandboxes, kubernetes, provable, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
