/**
 * The network address a request came from, for counting. The last entry of X-Forwarded-For is the one that our own
 * server, or the proxy before it, has written; earlier ones are the sender's word.
 */
export function clientAddress(headers: Headers): string {
  return headers.get('x-forwarded-for')?.split(',').at(-1)?.trim().slice(0, 64) || 'unknown'
}
