import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { AppError } from '#lib/errors.ts'
import { TERMINAL_PATH, type TerminalQuery } from '#lib/terminal/endpoint.ts'
import { FROM_OLDEST, SIZE_MAX, SUBPROTOCOL } from '#lib/terminal/protocol.ts'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/)
const integer = z
  .string()
  .regex(/^-?\d{1,16}$/)
  .transform(Number)

const querySchema = z.object({
  sandbox: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  machine: name,
  terminal: name,
  client: z.uuid(),
  from: integer.pipe(z.number().int().min(FROM_OLDEST)),
  cols: integer.pipe(z.number().min(1).max(SIZE_MAX.cols)),
  rows: integer.pipe(z.number().min(1).max(SIZE_MAX.rows)),
})

const parseUrl = (request: IncomingMessage) => {
  const target = request.url ?? ''
  return target.startsWith('/') ? URL.parse(target, 'http://gateway.invalid') : null
}

export const isTerminalRequest = (request: IncomingMessage): boolean => parseUrl(request)?.pathname === TERMINAL_PATH

/** What the URL asks for. @throws AppError `bad-request` that names the bad parameters, never their values */
export function parseQuery(request: IncomingMessage): TerminalQuery {
  const parsed = querySchema.safeParse(Object.fromEntries(parseUrl(request)?.searchParams ?? []))
  if (parsed.success) return parsed.data
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ')
  throw new AppError('bad-request', `bad terminal parameters: ${names}`)
}

/** Refuses what is not a WebSocket handshake of RFC 6455 for our subprotocol, before anything else is looked at. */
export function assertHandshake({ method, headers }: IncomingMessage): void {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
  const problem =
    (method !== 'GET' && 'the method is not GET') ||
    (headers.upgrade?.toLowerCase() !== 'websocket' && 'the upgrade is not to websocket') ||
    (headers['sec-websocket-version'] !== '13' && 'the WebSocket version is not 13') ||
    (!offered.includes(SUBPROTOCOL) && `the subprotocol ${SUBPROTOCOL} is not offered`)
  if (problem) throw new AppError('bad-request', problem)
}
