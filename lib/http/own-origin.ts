import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether an Origin header names this site. Compared with the configured public URL, never with the Host header, which
 * a rebound DNS name would match; on a loopback site the other loopback names of the same port are the same site.
 */
export function isOwnOrigin(origin: string | null | undefined, publicUrl: string = env().NEXTAUTH_URL): boolean {
  if (!origin || !URL.canParse(origin)) return false
  const ours = new URL(publicUrl)
  const theirs = new URL(origin)
  if (theirs.origin === ours.origin) return true
  const sameDoor = theirs.protocol === ours.protocol && theirs.port === ours.port
  return sameDoor && LOOPBACK.has(theirs.hostname) && LOOPBACK.has(ours.hostname)
}

/**
 * Refuses a request that changes something unless a page of ours sent it: browsers say so in Origin and Sec-Fetch-Site,
 * which scripts cannot set. Throws `forbidden`, also when neither header is there.
 */
export function assertOwnOrigin(headers: Headers, publicUrl?: string): void {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  const allowed = origin === null ? site === 'same-origin' : isOwnOrigin(origin, publicUrl) && site !== 'cross-site'
  if (!allowed) {
    throw new AppError('forbidden', `a write from origin ${origin} (sec-fetch-site ${site})`, {
      userMessage: 'That did not come from a page of this site.',
    })
  }
}
