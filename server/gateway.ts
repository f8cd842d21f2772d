import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Activity } from '#lib/checks/activity.ts'
import { AppError } from '#lib/errors.ts'
import { isOwnOrigin } from '#lib/http/own-origin.ts'
import { AGENT_PATH, MACHINE_CONTAINER } from '#lib/sandbox/names.ts'
import type { TerminalQuery } from '#lib/terminal/endpoint.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'
import type { TerminalPlace } from '#lib/terminal/find-terminal.ts'
import { CLIENT_PAYLOAD_MAX_BYTES, CLOSE, SUBPROTOCOL } from '#lib/terminal/protocol.ts'
import { Relay } from '#server/gateway-relay.ts'
import { assertHandshake, isTerminalRequest, parseQuery } from '#server/gateway-request.ts'

const LIMITS = {
  socketsPerUser: 16,
  /** Handshakes being judged at once. */
  pending: 256,
  inputBytesPerSecond: 1024 * 1024,
  /** How often the right to a terminal is looked at again. */
  recheckMs: 30_000,
  handshakeMs: 10_000,
}

export type GatewayOptions = {
  exec: ExecPort
  /** Who sends this; null when nobody does. */
  authenticate: (headers: IncomingHttpHeaders) => Promise<{ userId: string } | null>
  /** The namespace of the user's terminal, or an AppError: `not-found`, `conflict`, `gone`. */
  findTerminal: (place: TerminalPlace & { userId: string }) => Promise<string>
  /** Something goes on in one of the sandbox's terminals. */
  onActivity?: (sandboxId: string, activity: Activity) => void
  /** The site's public URL, whose origin alone may open sockets. */
  publicUrl: string
  log: Logger
  limits?: Partial<typeof LIMITS>
}

type Admitted = { userId: string; query: TerminalQuery; namespace: string }

export type Gateway = {
  /** Takes upgrades on the terminal's path. False: not ours. */
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  /** Answers plain HTTP on the terminal's path: 204 when a socket would be allowed, or why not. False: not ours. */
  handleRequest: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Refuses new sockets and tells the open ones to come back. Resolves when all are closed. */
  close: () => Promise<void>
}

/**
 * The WebSocket gateway between browsers and PTY holders. A request is judged whole before it is upgraded: handshake,
 * origin, session, limits, ownership, sandbox; a refusal is an HTTP response with an AppError's JSON. It keeps nothing.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const limits = { ...LIMITS, ...options.limits }
  const { log } = options
  const relays = new Map<Relay, Promise<void>>()
  const socketsOf = new Map<string, number>()
  let pending = 0
  let closing = false
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 1 + CLIENT_PAYLOAD_MAX_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  })

  async function admit(request: IncomingMessage): Promise<Admitted> {
    if (closing) throw new AppError('cluster-unavailable', 'the gateway is closing')
    const query = parseQuery(request)
    const session = await options.authenticate(request.headers)
    if (!session) throw new AppError('unauthenticated', 'no valid session')
    if ((socketsOf.get(session.userId) ?? 0) >= limits.socketsPerUser)
      throw new AppError('limit-reached', `user ${session.userId} has ${limits.socketsPerUser} sockets`, {
        userMessage: `You have ${limits.socketsPerUser} terminals open. Close one first.`,
      })
    const { sandbox: sandboxId, machine, terminal } = query
    const namespace = await options.findTerminal({ userId: session.userId, sandboxId, machine, terminal })
    return { userId: session.userId, query, namespace }
  }

  /** Counts a socket of the user until `socket` closes, which it does however this ends. Checked again: admit awaited. */
  function reserve(userId: string, socket: Duplex): void {
    const open = socketsOf.get(userId) ?? 0
    if (open >= limits.socketsPerUser) throw new AppError('limit-reached', `user ${userId} opened many at once`)
    socketsOf.set(userId, open + 1)
    socket.once('close', () => {
      const left = (socketsOf.get(userId) ?? 1) - 1
      if (left > 0) socketsOf.set(userId, left)
      else socketsOf.delete(userId)
    })
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    const patience = setTimeout(() => socket.destroy(), limits.handshakeMs)
    pending++
    try {
      if (pending > limits.pending) throw new AppError('cluster-unavailable', 'too many handshakes at once')
      assertHandshake(request)
      if (!isOwnOrigin(request.headers.origin, options.publicUrl))
        throw new AppError('forbidden', `a socket from origin ${request.headers.origin}`)
      const admitted = await admit(request)
      if (socket.destroyed) return
      reserve(admitted.userId, socket)
      sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, request.headers, admitted))
    } catch (thrown) {
      refuse(socket, publicError(thrown))
    } finally {
      clearTimeout(patience)
      pending--
    }
  }

  function serve(socket: WebSocket, headers: IncomingHttpHeaders, { userId, query, namespace }: Admitted): void {
    const { sandbox: sandboxId, machine, terminal, client, from, cols, rows } = query
    const flags = { terminal, client, from, cols, rows }
    const relay = new Relay({
      socket,
      exec: options.exec,
      target: { namespace, pod: machine, container: MACHINE_CONTAINER },
      command: [
        AGENT_PATH,
        'attach',
        ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
      ],
      inputBytesPerSecond: limits.inputBytesPerSecond,
      onActivity: (activity) => options.onActivity?.(sandboxId, activity),
      log: log.child({ sandboxId, userId }),
    })
    const recheck = setInterval(() => {
      const again = async () => {
        const session = await options.authenticate(headers)
        if (session?.userId !== userId) return relay.end(CLOSE.unauthenticated, errorOf('unauthenticated'))
        await options.findTerminal({ userId, sandboxId, machine, terminal })
      }
      again().catch((thrown) => {
        // Only a clear no ends a terminal; while the database is away people type on.
        if (!(thrown instanceof AppError)) log.warn({ err: thrown }, 'a terminal could not be checked again')
        else if (thrown.code === 'gone' || thrown.code === 'not-found')
          relay.end(thrown.code === 'gone' ? CLOSE.gone : CLOSE.notFound, errorOf(thrown.code, thrown.userMessage))
      })
    }, limits.recheckMs)
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        clearInterval(recheck)
        relays.delete(relay)
        resolve()
      })
    })
    relays.set(relay, closed)
    void relay.start()
  }

  async function preflight(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { 'cache-control': 'no-store', 'content-type': 'application/json' }
    try {
      if (request.method !== 'GET') throw new AppError('bad-request', 'the method is not GET')
      await admit(request)
      response.writeHead(204, headers).end()
    } catch (thrown) {
      const error = publicError(thrown)
      response.writeHead(error.status, headers).end(JSON.stringify(error))
    }
  }

  /** What is not an AppError is a part of ours that is away, such as the database: worth trying again. */
  function publicError(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown
    log.error({ err: thrown }, 'a terminal could not be judged')
    return new AppError('cluster-unavailable', 'a terminal could not be judged', { cause: thrown })
  }

  return {
    handleUpgrade(request, socket, head) {
      if (!isTerminalRequest(request)) return false
      void upgrade(request, socket, head)
      return true
    },
    handleRequest(request, response) {
      if (!isTerminalRequest(request)) return false
      void preflight(request, response)
      return true
    },
    async close() {
      closing = true
      const closed = [...relays.values()]
      for (const relay of relays.keys()) relay.end(CLOSE.goingAway)
      await Promise.all(closed)
    },
  }
}

const errorOf = (code: 'unauthenticated' | 'gone' | 'not-found', message?: string) => ({
  code,
  message: message ?? new AppError(code, '').userMessage,
})

function refuse(socket: Duplex, error: AppError): void {
  const body = JSON.stringify(error)
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
