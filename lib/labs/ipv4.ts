/**
 * What is not the public internet's: this network, private ones (RFC 1918), carriers' (RFC 6598), loopback, link-local with
 * clouds' metadata, IETF's own with Oracle's, tests of devices, Azure's metadata, multicast, and what is reserved.
 */
export const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|1?\d{1,2})`
const ADDRESS = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`)

/** Whether this is an IPv4 address in four decimal numbers, none with a zero before it. */
export const isIpv4 = (text: string): boolean => ADDRESS.test(text) && !/(?:^|\.)0\d/.test(text)

/** Whether this is an IPv4 address, or a prefix of addresses as in `203.0.113.0/24`. */
export const isPrefix = (text: string): boolean => {
  const [address = '', bits = '32', ...rest] = text.split('/')
  return isIpv4(address) && /^(?:3[0-2]|[12]?\d)$/.test(bits) && rest.length === 0
}

const numberOf = (address: string): number => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)

/** Whether an address is one of a prefix, or the address that is written without one. */
export function isWithin(address: string, prefix: string): boolean {
  const [first = '', bits = '32'] = prefix.split('/')
  const size = 2 ** (32 - Number(bits))
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(first) / size)
}

export const isPublic = (address: string): boolean => !NOT_PUBLIC.some((prefix) => isWithin(address, prefix))
