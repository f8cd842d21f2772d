import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import { AppError } from '#lib/errors.ts'
import type { Preview } from '#lib/previews/find-preview.ts'
import { type Forwarded, requestHeaders, responseHeaders } from '#server/preview-headers.ts'
import { badAnswer, badRequest, type Notice, nobodyAnswers, notYet, tooSlow } from '#server/preview-pages.ts'
import type { Upstreams } from '#server/preview-upstream.ts'

/** How long the first line of an answer may take after the last byte of the request. */
const ANSWER_MS = 60_000
/** How long an answer may pause: events may be rare. */
const SILENCE_MS = 10 * 60_000
const MAX_HEADER_BYTES = 32 * 1024
/** May be sent again where a reused connection had closed meanwhile: they ask for nothing to be done (RFC 9110, 9.2.2). */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS'])

export type Forward = {
  sandboxId: string
  preview: Preview
  forwarded: Forwarded
  upstreams: Upstreams
  answerMs?: number | undefined
  /** No answer came that could be passed on. */
  refuse: (notice: Notice) => void
}

class Late extends Error {}

function noticeOf(error: unknown, preview: Preview): Notice {
  if (error instanceof Late) return tooSlow(preview)
  if (error instanceof AppError) return notYet('The machine cannot be reached right now.')
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? nobodyAnswers(preview) : badAnswer(preview)
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Passes a request on to the machine, and its answer back, both as they come and no faster than they are taken. */
export function forwardRequest(request: IncomingMessage, response: ServerResponse, options: Forward): void {
  const { sandboxId, preview, forwarded, upstreams, refuse, answerMs = ANSWER_MS } = options
  const { agent, host, done } = upstreams.request(sandboxId, preview)
  response.once('close', done)
  const { method = 'GET', url: path = '/' } = request
  const fixed = { agent, host, method, path, timeout: SILENCE_MS, maxHeaderSize: MAX_HEADER_BYTES }

  const send = (again: boolean): ClientRequest => {
    const outgoing = httpRequest({ ...fixed, headers: requestHeaders(request, forwarded) })
    const late = setTimeout(() => outgoing.destroy(new Late()), answerMs)
    request.on('data', () => late.refresh())
    response.once('close', () => outgoing.destroy())
    outgoing.on('timeout', () => outgoing.destroy(new Late()))
    outgoing.once('response', (answer) => {
      clearTimeout(late)
      passOn(answer, response, () => refuse(badAnswer(preview)))
    })
    // Nobody asked for another protocol.
    outgoing.once('upgrade', (_answer, socket) => {
      clearTimeout(late)
      socket.destroy()
      refuse(badAnswer(preview))
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late)
      if (response.headersSent || response.destroyed) return void response.destroy()
      if (again && outgoing.reusedSocket && error.code === 'ECONNRESET') return void send(false).end()
      refuse(noticeOf(error, preview))
    })
    return outgoing
  }

  try {
    const outgoing = send(REPEATABLE.has(method) && !hasBody(request))
    if (hasBody(request)) request.pipe(outgoing)
    else outgoing.end()
  } catch {
    refuse(badRequest)
  }
}

/** A machine may say what Node reads and does not write. */
function passOn(answer: IncomingMessage, response: ServerResponse, failed: () => void): void {
  response.sendDate = false
  try {
    response.writeHead(answer.statusCode ?? 0, answer.statusMessage ?? '', responseHeaders(answer))
  } catch {
    answer.destroy()
    failed()
    return
  }
  pipeline(answer, response, () => {})
}

/** Passes an upgrade to a WebSocket on. What the machine answers, whatever it is, is the browser's answer. */
export function forwardUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, options: Forward): void {
  const { sandboxId, preview, forwarded, upstreams, refuse, answerMs = ANSWER_MS } = options
  const machine = upstreams.upgrade(sandboxId, preview)
  socket.once('close', () => machine.destroy())
  const headers = [...requestHeaders(request, forwarded), 'Connection', 'Upgrade', 'Upgrade', 'websocket']
  const outgoing = httpRequest({
    createConnection: () => machine,
    path: request.url ?? '/',
    headers,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  const late = setTimeout(() => outgoing.destroy(new Late()), answerMs)
  let begun = false
  const answered = (answer: IncomingMessage, more: string[]) => {
    clearTimeout(late)
    begun = true
    const flat = [...responseHeaders(answer), ...more]
    const lines = flat.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${flat[at + 1]}`] : []))
    const status = answer.statusCode ?? 502
    socket.write(
      Buffer.from([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n'), 'latin1'),
    )
  }
  outgoing.once('upgrade', (answer, _same, first: Buffer) => {
    answered(answer, ['Connection', 'Upgrade', 'Upgrade', 'websocket'])
    socket.write(first)
    machine.write(head)
    machine.on('error', () => socket.destroy())
    socket.pipe(machine).pipe(socket)
  })
  outgoing.once('response', (answer) => {
    answered(answer, ['Connection', 'close'])
    pipeline(answer, socket, () => {})
  })
  outgoing.on('error', (error) => {
    clearTimeout(late)
    if (begun) socket.destroy()
    else refuse(noticeOf(error, preview))
  })
  outgoing.end()
}
