import type { Connect, Refusal } from '#lib/terminal/connection.ts'
import { type TerminalQuery, terminalUrl } from '#lib/terminal/endpoint.ts'
import { FROM_OLDEST, SUBPROTOCOL } from '#lib/terminal/protocol.ts'

type Place = Pick<TerminalQuery, 'sandbox' | 'machine' | 'terminal' | 'client'>

const PREFLIGHT_TIMEOUT_MS = 10_000

/** The browser's WebSocket as the session wants it. */
export const connectTo =
  (place: Place): Connect =>
  (query, { onOpen, onMessage, onClose }) => {
    const url = new URL(terminalUrl({ ...place, ...query }), location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, SUBPROTOCOL)
    socket.binaryType = 'arraybuffer'
    socket.onopen = onOpen
    socket.onmessage = ({ data }) => onMessage(new Uint8Array(data))
    socket.onclose = ({ code, reason }) => onClose(code, reason)
    return {
      send: (message) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(message)
      },
      close: () => socket.close(),
    }
  }

/** Asks over HTTP what the gateway would say to a socket; null when it would take it. Rejects when nobody answers. */
export async function preflight(place: Place): Promise<Refusal | null> {
  const url = terminalUrl({ ...place, from: FROM_OLDEST, cols: 80, rows: 24 })
  const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(PREFLIGHT_TIMEOUT_MS) })
  if (response.ok) return null
  const body: { error?: { code?: unknown; message?: unknown } } = await response.json()
  return {
    status: response.status,
    code: String(body.error?.code ?? 'unknown'),
    message: String(body.error?.message ?? ''),
  }
}
