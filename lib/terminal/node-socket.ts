import WebSocket from 'ws'
import type { Connect } from '#lib/terminal/connection.ts'
import { type TerminalQuery, terminalUrl } from '#lib/terminal/endpoint.ts'
import { SUBPROTOCOL } from '#lib/terminal/protocol.ts'

type NodeSocketOptions = Pick<TerminalQuery, 'sandbox' | 'machine' | 'terminal' | 'client'> & {
  /** Of the site, e.g. http://127.0.0.1:4200; also sent as Origin. */
  baseUrl: string
  cookie: string
  onSocket?: (socket: WebSocket) => void
}

/** A session's socket outside a browser: for tests and benches, which go the same way as a page. */
export const connectFromNode =
  ({ baseUrl, cookie, onSocket, ...place }: NodeSocketOptions): Connect =>
  (query, { onOpen, onMessage, onClose }) => {
    const url = new URL(terminalUrl({ ...place, ...query }), baseUrl)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const options = { origin: new URL(baseUrl).origin, headers: { cookie }, handshakeTimeout: 10_000 }
    const socket = new WebSocket(url, SUBPROTOCOL, { ...options, perMessageDeflate: false })
    socket.on('open', onOpen)
    socket.on('message', (data: Buffer) => onMessage(data))
    socket.on('error', () => {}) // A close follows.
    socket.on('close', (code, reason) => onClose(code, reason.toString()))
    onSocket?.(socket)
    return {
      send: (message) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(message)
      },
      close: () => socket.close(),
    }
  }
