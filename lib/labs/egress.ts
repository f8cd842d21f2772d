import { z } from 'zod'
import { isIpv4, isPublic } from '#lib/labs/ipv4.ts'

const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Where nothing else is said: HTTP and HTTPS. */
const WEB = [80, 443]

/** What is wrong with a host, by what was expected in its place; null where nothing is. */
function expectedHost(text: string): string | null {
  if (isIpv4(text))
    return isPublic(text) ? null : 'a public address: none of a private network, of a machine itself or of a group'
  if (HOST_NAME.test(text)) return null
  if (/[/@]/.test(text)) return 'a host alone, without "https://" and without a path, e.g. "pypi.example"'
  if (text.includes('*')) return 'each host by its own name: a lab opens no "*"'
  if (/:.*:/.test(text)) return 'an IPv4 address: machines have no IPv6'
  if (text.includes(':')) return 'a host alone, and its ports beside it: { host: pypi.example, ports: [22] }'
  if (/[A-Z]/.test(text)) return 'a host in lower case, e.g. "pypi.example"'
  return 'the full name of a host, or an IPv4 address, e.g. "pypi.example"'
}

const host = z
  .string()
  .max(253)
  .superRefine((text, context) => {
    const message = expectedHost(text)
    if (message) context.addIssue({ code: 'custom', message })
  })

const opening = z.union([
  host,
  z.strictObject({
    host: host.describe('Its full name, or its IPv4 address.'),
    ports: z.array(z.int().min(1).max(65535)).min(1).max(10).describe('TCP ports.'),
  }),
])

export const egressShape = z
  .array(opening)
  .max(20)
  .describe(
    'What machines and Pods reach outside, by TCP: a host (ports 80 and 443), or `{ host, ports }`. Left out: nothing. Only hosts that the platform allows.',
  )

type Egress = z.output<typeof egressShape>

/** Each host with its ports, in one form. */
export const openingsOf = (egress: Egress = []): { host: string; ports: number[] }[] =>
  egress.map((entry) => (typeof entry === 'string' ? { host: entry, ports: WEB } : entry))
