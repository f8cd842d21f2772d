import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

const PATIENCE_MS = 70_000

/** One GET to a name below localhost, which a browser finds on this machine and a resolver may not. */
async function get(url: URL, cookie: string) {
  const headers = { host: url.host, ...(cookie && { cookie }), accept: 'text/html' }
  const path = `${url.pathname}${url.search}`
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const outgoing = request({ host: '127.0.0.1', port: url.port, path, headers, agent: false, signal })
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  // The status says enough; a body may never end.
  answer.destroy()
  return { status: answer.statusCode ?? 0, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' }
}

/** Opens a port as a browser does, by a ticket for a cookie, and resolves with the status of its page. */
export async function visitPort(ticketUrl: string): Promise<number> {
  const url = new URL(ticketUrl)
  const entered = await get(url, '')
  if (entered.cookie === '') return entered.status
  return (await get(new URL('/', url), entered.cookie)).status
}
