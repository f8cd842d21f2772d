import type { IncomingMessage } from 'node:http'
import type { KubeConfig } from '@kubernetes/client-node'
import WebSocket, { type ClientOptions } from 'ws'
import { AppError, type ErrorCode, toAppError } from '#lib/errors.ts'
import { execStatusOf } from '#lib/k8s/exec-status.ts'
import type { ExecHandlers, ExecPort, ExecStatus, ExecStream, ExecTarget } from '#lib/terminal/exec-port.ts'

// Why not client-node's Exec: it has no back-pressure and no ping, and throws on a channel it does not know.
// Source of the protocol: k8s.io/apimachinery/pkg/util/remotecommand/constants.go and KEP-4006 (v5).
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const

const OPEN_TIMEOUT_MS = 10_000
const PING_INTERVAL_MS = 5_000
/** Three pings without any sign of life. */
const DEAD_AFTER_MS = 15_000
/** How long the server may take to close after the status has come, or after we asked for it. */
const CLOSE_TIMEOUT_MS = 2_000
/** The API server drops the connection at a message above 32 MiB (31 seen to work, 33 not). */
const STDIN_MESSAGE_MAX_BYTES = 1024 * 1024

/**
 * ExecPort over the API server's WebSocket exec, without a TTY, so that bytes stay bytes. The kubeconfig is asked for at
 * every open. Opening fails with an AppError: `not-found` (no such pod), `conflict` (it does not run yet),
 * `limit-reached`, or `cluster-unavailable` for all else, as what remains is ours to mend and not the caller's.
 */
export function createExec(source: { current: () => Promise<KubeConfig> }, protocols = PROTOCOLS): ExecPort {
  return {
    async open(target, command, handlers) {
      const config = await source.current()
      const options: ClientOptions = {
        handshakeTimeout: OPEN_TIMEOUT_MS,
        perMessageDeflate: false,
        skipUTF8Validation: true,
        followRedirects: false,
      }
      await config.applyToHTTPSOptions(options)
      const socket = new WebSocket(execUrl(config, target, command), protocols, options)
      await opened(socket)
      return stream(socket, handlers)
    },
  }
}

function execUrl(config: KubeConfig, { namespace, pod, container }: ExecTarget, command: string[]): URL {
  const server = config.getCurrentCluster()?.server
  if (!server) throw new AppError('cluster-unavailable', 'the kubeconfig names no current cluster')
  const path = ['api/v1/namespaces', namespace, 'pods', pod, 'exec'].map((part, index) =>
    index % 2 ? encodeURIComponent(part) : part,
  )
  const url = new URL(`${server.replace(/\/$/, '').replace(/^http/, 'ws')}/${path.join('/')}`)
  for (const word of command) url.searchParams.append('command', word)
  for (const pipe of ['stdin', 'stdout', 'stderr']) url.searchParams.set(pipe, 'true')
  url.searchParams.set('container', container)
  return url
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.off('error', failed)
      // Nothing may be read before the stream's listeners are there.
      socket.pause()
      resolve()
    })
    const failed = (cause: Error) =>
      reject(new AppError('cluster-unavailable', `exec could not be opened: ${cause.message}`, { cause }))
    socket.on('error', failed)
    socket.once('unexpected-response', (_, response) => {
      // With a listener for this event `ws` leaves the rest to us; terminating emits an error, which is late by then.
      void refusal(response).then((error) => {
        reject(error)
        socket.terminate()
      })
    })
  })
}

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'conflict',
  404: 'not-found',
  409: 'conflict',
  429: 'limit-reached',
}

async function refusal(response: IncomingMessage): Promise<AppError> {
  let body = ''
  response.setEncoding('utf8')
  try {
    for await (const text of response) {
      body += text
      if (body.length > 4096) break
    }
  } catch {
    // What has come will do.
  }
  const status = response.statusCode ?? 0
  return new AppError(CODE_OF_STATUS[status] ?? 'cluster-unavailable', `exec was refused with ${status}: ${body}`)
}

function stream(socket: WebSocket, handlers: ExecHandlers): ExecStream {
  let status: ExecStatus | undefined
  let ended = false
  let closing: NodeJS.Timeout | undefined
  let lastHeard = Date.now()

  const end = (last: ExecStatus) => {
    if (ended) return
    ended = true
    clearInterval(pings)
    handlers.onEnd(last)
  }
  const closeSoon = () => {
    closing ??= setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS)
  }
  const pings = setInterval(() => {
    // A paused socket reads no pongs either.
    if (socket.isPaused) lastHeard = Date.now()
    else if (Date.now() - lastHeard > DEAD_AFTER_MS) socket.terminate()
    else if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, PING_INTERVAL_MS)

  const receive = (message: Buffer) => {
    lastHeard = Date.now()
    // The first message is an empty one on stdout. Channels we do not know are ignored.
    if (message.length < 2 || ended) return
    const bytes = message.subarray(1)
    if (message[0] === CHANNEL.stdout) handlers.onStdout(bytes)
    else if (message[0] === CHANNEL.stderr) handlers.onStderr?.(bytes)
    else if (message[0] === CHANNEL.status) {
      // Output may still follow the status: the end is when the server closes.
      status = execStatusOf(bytes.toString())
      closeSoon()
    }
  }

  socket.on('message', (data: Buffer) => {
    try {
      receive(data)
    } catch (thrown) {
      // A handler's failure ends its own stream and nothing else.
      end({ exitCode: null, message: toAppError(thrown).message })
      close()
    }
  })
  socket.on('pong', () => {
    lastHeard = Date.now()
  })
  let broken = 'the connection to the cluster broke'
  socket.on('error', (error) => {
    broken += `: ${error.message}`
  })
  socket.on('close', () => {
    clearTimeout(closing)
    end(status ?? { exitCode: null, message: broken })
  })

  let inputEnded = false
  const endInput = () => {
    // v4 has no such message.
    if (inputEnded || socket.readyState !== WebSocket.OPEN || socket.protocol !== PROTOCOLS[0]) return
    inputEnded = true
    socket.send(Uint8Array.of(CHANNEL.close, CHANNEL.stdin))
  }
  const close = () => {
    end({ exitCode: null, message: 'closed' })
    if (socket.readyState !== WebSocket.OPEN) return
    // A process outlives a dropped exec; the end of its stdin tells it to go.
    endInput()
    socket.close(1000)
    socket.resume()
    closeSoon()
  }

  socket.resume()
  return {
    write(bytes) {
      if (ended || inputEnded || socket.readyState !== WebSocket.OPEN) return
      for (let at = 0; at < bytes.length; at += STDIN_MESSAGE_MAX_BYTES) {
        const part = bytes.subarray(at, at + STDIN_MESSAGE_MAX_BYTES)
        const message = Buffer.allocUnsafe(1 + part.length)
        message[0] = CHANNEL.stdin
        message.set(part, 1)
        socket.send(message)
      }
    },
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    endInput,
    pause: () => socket.pause(),
    resume: () => {
      lastHeard = Date.now()
      socket.resume()
    },
    close,
  }
}
