import type { PolicyPeer } from './model.ts'

/** From–to, both inside. */
export type Range = [from: number, to: number]

const BYTE = 256

export const ipNumber = (ip: string): number => ip.split('.').reduce((sum, byte) => sum * BYTE + Number(byte), 0)

const ipText = (ip: number): string => [24, 16, 8, 0].map((bits) => Math.floor(ip / 2 ** bits) % BYTE).join('.')

/** The addresses of an IPv4 prefix; null for IPv6, which is shut altogether. */
function prefix(cidr: string): Range | null {
  const [ip = '', bits = '32'] = cidr.split('/')
  if (!/^\d+(\.\d+){3}$/.test(ip)) return null
  const size = 2 ** (32 - Number(bits))
  const from = Math.floor(ipNumber(ip) / size) * size
  return [from, from + size - 1]
}

/** The addresses of an ipBlock: its prefix without its exceptions. */
export function blockRanges({ cidr, except = [] }: NonNullable<PolicyPeer['ipBlock']>): Range[] {
  const block = prefix(cidr)
  if (!block) return []
  return except
    .map(prefix)
    .filter((hole) => hole !== null)
    .reduce<Range[]>((ranges, hole) => ranges.flatMap((range) => without(range, hole)), [block])
}

function without([from, to]: Range, [holeFrom, holeTo]: Range): Range[] {
  const parts: Range[] = [
    [from, Math.min(to, holeFrom - 1)],
    [Math.max(from, holeTo + 1), to],
  ]
  return parts.filter(([first, last]) => first <= last)
}

/** The same numbers in as few ranges as possible, in order: nft refuses overlaps. */
export function merged(ranges: Range[]): Range[] {
  const result: Range[] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else result.push([from, to])
  }
  return result
}

/** Ranges as nft's elements. */
export const elements = (ranges: Range[], text: (value: number) => string = String): string =>
  ranges.map(([from, to]) => (from === to ? text(from) : `${text(from)}-${text(to)}`)).join(', ')

export const addressElements = (ranges: Range[]): string => elements(ranges, ipText)
