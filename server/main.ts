/** The one entry point: plays the roles that ROLES names (default: all three) until SIGTERM. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import next from 'next'
import { authenticateRequest } from '#lib/auth/authenticate-request.ts'
import { followContent } from '#lib/authoring/follow-content.ts'
import { ENGINE_SECCOMP_PROFILE } from '#lib/capabilities/capability.ts'
import { noteActivity } from '#lib/checks/activity.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'
import { probeCluster } from '#lib/k8s/probe-cluster.ts'
import { logger } from '#lib/obs/logger.ts'
import { findPreview } from '#lib/previews/find-preview.ts'
import { spendTicket } from '#lib/previews/spend-ticket.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { instanceName } from '#lib/sandbox/instance.ts'
import { ClusterOffer } from '#lib/sandbox/reconcile-capabilities.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'
import { findTerminal } from '#lib/terminal/find-terminal.ts'
import { createGateway } from '#server/gateway.ts'
import { Loop } from '#server/loop.ts'
import { createPreviewGateway, refusePreviews } from '#server/preview-gateway.ts'
import { Reconciler } from '#server/reconciler.ts'
import { wire } from '#server/wire.ts'

/** Whatever has not ended by then is cut; rows and leases make that harmless. */
const STOP_LIMIT_MS = 3000
const DATABASE_RETRY_MS = 1000
/** How soon an author's running lab is what its files say. */
const FOLLOW_MS = 500

const log = logger()
const { ROLES: roles, HOST: host, PORT: port, NODE_ENV, KUBECONFIG, NEXTAUTH_URL: publicUrl } = env()
const plays = (role: (typeof roles)[number]) => roles.includes(role)

/** The database may come up after us. */
async function untilDatabase<T>(read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read()
    } catch (err) {
      log.error({ err }, 'the database does not answer; trying again')
      await sleep(DATABASE_RETRY_MS)
    }
  }
}

/** The pages, or, in a process without them, only the sign of life that orchestrators ask for. */
async function webRole() {
  if (!plays('web')) {
    const alive: RequestListener = (request, response) =>
      void response.writeHead(request.url === '/api/health' ? 200 : 404).end()
    return { handle: alive, upgrade: undefined, close: async () => {} }
  }
  const dev = NODE_ENV !== 'production'
  // Next adds a listener for upgrades to the server of its first request, which would end the socket of a page of a machine
  // wherever one of our own pages has the same path. It gets a server that hears nothing, and upgrades come by `wire`.
  const app = next({ dev, hostname: host, port, httpServer: createServer() })
  await app.prepare()
  const handle = app.getRequestHandler()
  const upgrade = app.getUpgradeHandler()
  return {
    handle: ((request, response) => void handle(request, response)) satisfies RequestListener,
    // Hot reload; in production nobody else has a socket here, and Next leaves unknown ones open.
    upgrade: dev ? upgrade : undefined,
    close: () => app.close(),
  }
}

/** Probes run in the image that every instance has. */
function clusterOffer(source: KubeConfigSource): ClusterOffer {
  const probe = async (signal: AbortSignal) => {
    const { base: image } = imageRefs()
    if (!image) throw new AppError('cluster-unavailable', 'no image is built for base')
    return probeCluster({ source, image, seccompProfile: ENGINE_SECCOMP_PROFILE, signal })
  }
  const accepted = env().ACCEPT_MISSING
  return new ClusterOffer({ probe, accepted, now: () => new Date(), log: log.child({ role: 'reconciler' }) })
}

function gatewayRole(exec: ExecPort) {
  if (!plays('gateway')) return undefined
  return createGateway({
    exec,
    authenticate: authenticateRequest,
    findTerminal,
    onActivity: noteActivity,
    publicUrl,
    log: log.child({ role: 'gateway' }),
  })
}

/** A process without the role shows no page of a machine, and nothing of its own under such a host. */
function previewsOf(exec: ExecPort) {
  const { PREVIEW_DOMAIN: domain, NEXTAUTH_SECRET: secret } = env()
  if (!plays('gateway')) return refusePreviews(domain)
  const common = { exec, domain, publicUrl, secret, findPreview, spend: spendTicket }
  return createPreviewGateway({ ...common, log: log.child({ role: 'gateway' }) })
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function main(): Promise<void> {
  const source = new KubeConfigSource(KUBECONFIG)
  const instance = await untilDatabase(instanceName)
  const exec = createExec(source)
  const cluster = createCluster({ source, instance })
  const objects = new ObjectWatch({ source, log: log.child({ role: 'reconciler' }) })
  const reconciler = plays('reconciler')
    ? new Reconciler({
        cluster,
        exec,
        objects,
        instance,
        images: imageRefs,
        offer: clusterOffer(source),
        log: log.child({ role: 'reconciler' }),
      })
    : undefined

  const web = await webRole()
  const gateway = gatewayRole(exec)
  const previews = previewsOf(exec)
  const server = createServer()
  const authoring = env().AUTHORING
    ? new Loop({ work: async () => void (await followContent()), everyMs: FOLLOW_MS, log })
    : undefined
  wire(server, { previews, gateway, handle: web.handle, upgrade: web.upgrade })
  await listen(server)
  reconciler?.start()
  authoring?.start()
  log.info({ roles, host, port, instance }, 'ready')

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref()
    server.close()
    const told = gateway?.close()
    previews.close()
    const parts = [told, reconciler?.stop(), authoring?.stop(), web.close()]
    objects.stop()
    // Terminals are told first; event streams never end by themselves.
    await told?.catch(() => {})
    server.closeAllConnections()
    await Promise.allSettled(parts)
    await db().$disconnect()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
}

process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled rejection; the process goes on'))
process.on('uncaughtException', (err) => {
  // State is unknown after this: end, so that whoever started us starts us anew.
  log.fatal({ err }, 'uncaught exception')
  process.exit(1)
})
main().catch((err: unknown) => {
  log.fatal({ err }, 'could not start')
  process.exit(1)
})
