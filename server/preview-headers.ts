import type { IncomingMessage } from 'node:http'

/** For one connection only (RFC 9110, 7.6.1, with those that older agents say), besides what `Connection` names. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
/** Cookies of the platform's: none is sent to a preview's host, and none that is all the same goes on to the machine. */
const OURS = /^(?:__(?:Host|Secure)-)?(?:drydock|next-auth)\./i

type Pair = [name: string, value: string]
type Heard = Pick<IncomingMessage, 'rawHeaders' | 'headers'>

const pairsOf = ({ rawHeaders }: Heard): Pair[] =>
  rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as Pair] : []))

function endToEnd(heard: Heard, ...dropped: string[]): Pair[] {
  const named = (heard.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const away = new Set([...HOP_BY_HOP, ...named, ...dropped])
  return pairsOf(heard).filter(([name]) => !away.has(name.toLowerCase()))
}

/** The cookies of a page, without the platform's and ours; null where none is left. */
function machineCookies(header: string): string | null {
  const pairs = header.split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair !== '' && !OURS.test(pair)).join('; ') || null
}

/** A cookie as the preview's own host may set it: for that host alone; null for one under a name of ours. */
function ownCookie(value: string): string | null {
  if (OURS.test(value.trim())) return null
  return value
    .split(';')
    .filter((part, at) => at === 0 || !/^\s*domain\s*(?:=|$)/i.test(part))
    .join(';')
}

export type Forwarded = { protocol: 'http' | 'https'; address: string | undefined }

/** What a browser sent, for the machine, as a flat list of names and values. `Host` stays what it was. */
export function requestHeaders(request: Heard, { protocol, address }: Forwarded): string[] {
  const away = ['expect', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded']
  const pairs = endToEnd(request, ...away).flatMap(([name, value]): Pair[] => {
    if (name.toLowerCase() !== 'cookie') return [[name, value]]
    const cookies = machineCookies(value)
    return cookies === null ? [] : [[name, cookies]]
  })
  const before = request.headers['x-forwarded-for']
  pairs.push(
    ['X-Forwarded-For', [before, address].flat().filter(Boolean).join(', ')],
    ['X-Forwarded-Host', request.headers.host ?? ''],
    ['X-Forwarded-Proto', protocol],
  )
  // A body without a length is passed on in chunks, as it came.
  if (request.headers['transfer-encoding'] !== undefined) pairs.push(['Transfer-Encoding', 'chunked'])
  return pairs.flat()
}

/** What the machine answered, for the browser. `Alt-Svc` would lead it past this gateway. */
export const responseHeaders = (response: Heard): string[] =>
  endToEnd(response, 'alt-svc')
    .flatMap(([name, value]): Pair[] => {
      if (name.toLowerCase() !== 'set-cookie') return [[name, value]]
      const cookie = ownCookie(value)
      return cookie === null ? [] : [[name, cookie]]
    })
    .flat()
