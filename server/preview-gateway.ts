import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { AppError } from '#lib/errors.ts'
import { ENTER_PATH } from '#lib/previews/open-preview.ts'
import type { Pass } from '#lib/previews/pass.ts'
import { isPreviewHost, type PreviewPlace, previewPlace } from '#lib/previews/preview-host.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'
import { type AccessOptions, PreviewAccess } from '#server/preview-access.ts'
import { type Forward, forwardRequest, forwardUpgrade } from '#server/preview-forward.ts'
import {
  badRequest,
  ended,
  type Notice,
  notHere,
  notYet,
  openFromLab,
  show,
  showOnSocket,
  tooMany,
} from '#server/preview-pages.ts'
import { type UpstreamLimits, Upstreams } from '#server/preview-upstream.ts'

/** How often the right to an open WebSocket is looked at again. */
const RECHECK_MS = 30_000
/** What is ours on a preview's host. */
const OURS = '/.drydock/'

export type PreviewGatewayOptions = AccessOptions & {
  exec: ExecPort
  /** Below which hosts are previews; empty for none. */
  domain: string
  log: Logger
  limits?: Partial<UpstreamLimits & { recheckMs: number; answerMs: number }>
}

export type PreviewGateway = {
  /** Both take what comes for the host of a preview. False: it is for somebody else. */
  handleRequest: (request: IncomingMessage, response: ServerResponse) => boolean
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  close: () => void
}

/** Shows ports of machines in browsers, each under a host of its own. It keeps nothing but connections. */
export function createPreviewGateway(options: PreviewGatewayOptions): PreviewGateway {
  const { domain, publicUrl, log, limits = {} } = options
  const access = new PreviewAccess(options)
  const upstreams = new Upstreams(options.exec, limits)
  const sockets = new Set<Duplex>()
  const protocol = new URL(publicUrl).protocol === 'https:' ? 'https' : 'http'

  /** Why nothing can be shown; what is no AppError is a part of ours that is away. */
  function noticeOf(thrown: unknown): Notice {
    if (!(thrown instanceof AppError)) {
      log.error({ err: thrown }, 'a preview could not be judged')
      return notYet('A part of this platform does not answer.')
    }
    if (thrown.code === 'gone') return ended(thrown.userMessage)
    if (thrown.code === 'conflict') return notYet(thrown.userMessage)
    if (thrown.code === 'limit-reached') return tooMany
    return thrown.code === 'unauthenticated' || thrown.code === 'not-found' ? openFromLab : notYet(thrown.userMessage)
  }

  const addressed = ({ headers }: IncomingMessage) => {
    const host = (headers.host ?? '').toLowerCase()
    const place = previewPlace(host, domain)
    return place && { host, place }
  }

  async function forward(
    request: IncomingMessage,
    pass: Pass | null,
    place: PreviewPlace,
  ): Promise<Omit<Forward, 'refuse'>> {
    const preview = await access.preview(pass, place)
    const forwarded = { protocol, address: request.socket.remoteAddress } as const
    return { sandboxId: place.sandboxId, preview, forwarded, upstreams, answerMs: limits.answerMs }
  }

  async function enter(request: IncomingMessage, response: ServerResponse, at: { host: string; place: PreviewPlace }) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://preview.invalid')
    if (pathname !== ENTER_PATH || request.method !== 'GET') return show(response, notHere, publicUrl)
    const cookie = await access.enter(searchParams.get('ticket') ?? '', at)
    // Who goes back in their history comes by here again.
    if (!cookie && !access.passOf(request, at)) return show(response, openFromLab, publicUrl)
    const headers = { Location: '/', 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }
    response.writeHead(303, { ...headers, ...(cookie && { 'Set-Cookie': cookie }) }).end()
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (notice: Notice) => show(response, notice, publicUrl)
    try {
      const at = addressed(request)
      if (!at) return refuse(notHere)
      if (!request.url?.startsWith('/')) return refuse(badRequest)
      if (request.url.startsWith(OURS)) return await enter(request, response, at)
      const options = await forward(request, access.passOf(request, at), at.place)
      if (!response.destroyed) forwardRequest(request, response, { ...options, refuse })
    } catch (thrown) {
      refuse(noticeOf(thrown))
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const refuse = (notice: Notice) => showOnSocket(socket, notice, publicUrl)
    try {
      const at = addressed(request)
      const { origin, upgrade: protocolAsked } = request.headers
      if (!at || !request.url?.startsWith('/') || request.url.startsWith(OURS)) return refuse(notHere)
      if (request.method !== 'GET' || protocolAsked?.toLowerCase() !== 'websocket') return refuse(badRequest)
      // Any page may open a socket to anywhere, and the browser sends this host's cookie along.
      if (origin?.toLowerCase() !== `${protocol}://${at.host}`) return refuse(openFromLab)
      const pass = access.passOf(request, at)
      const options = await forward(request, pass, at.place)
      if (socket.destroyed) return
      keepRight(socket, pass, at.place)
      forwardUpgrade(request, socket, head, { ...options, refuse })
    } catch (thrown) {
      refuse(noticeOf(thrown))
    }
  }

  /** Only a clear no ends a socket; while the database is away it goes on. */
  function keepRight(socket: Duplex, pass: Pass | null, place: PreviewPlace): void {
    const again = () =>
      access.preview(pass, place).catch((thrown: unknown) => {
        if (thrown instanceof AppError && ['gone', 'not-found'].includes(thrown.code)) socket.destroy()
      })
    const timer = setInterval(() => void again(), limits.recheckMs ?? RECHECK_MS)
    socket.once('close', () => clearInterval(timer))
  }

  return {
    handleRequest(request, response) {
      if (!isPreviewHost(request.headers.host, domain)) return false
      void answer(request, response)
      return true
    },
    handleUpgrade(request, socket, head) {
      if (!isPreviewHost(request.headers.host, domain)) return false
      void upgrade(request, socket, head)
      return true
    },
    close() {
      for (const socket of sockets) socket.destroy()
      upstreams.close()
    },
  }
}

/** Where no gateway is: a preview's host is nobody's. */
export const refusePreviews = (domain: string): PreviewGateway => ({
  handleRequest({ headers }, response) {
    if (!isPreviewHost(headers.host, domain)) return false
    response.writeHead(421).end()
    return true
  },
  handleUpgrade({ headers }, socket) {
    if (!isPreviewHost(headers.host, domain)) return false
    socket.destroy()
    return true
  },
  close() {},
})
