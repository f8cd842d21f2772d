import { isIPv6 } from 'node:net'

/**
 * The network that a request came from, for counting: its address, and of an IPv6 address the first half, as a single
 * line is given all of the rest (RFC 6177). The last entry of X-Forwarded-For is the one that our own server, or the
 * proxy before it, has written; earlier ones are the sender's word.
 */
export function clientAddress(headers: Headers): string {
  const address = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim().slice(0, 64) || 'unknown'
  // An IPv4 address in IPv6's clothes is one.
  return isIPv6(address) && !/^::ffff:/i.test(address) ? firstHalf(address) : address
}

function firstHalf(address: string): string {
  // The URL parser writes every address in one way (RFC 5952); it does not know zones (`%eth0`).
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`)
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter(Boolean))
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`
}
