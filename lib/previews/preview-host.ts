/** A port of a lab, by its place in the lab's list, in one sandbox. */
export type PreviewPlace = { sandboxId: string; index: number }

/** The host under which a browser finds it, with the port of `domain` where it has one: a host of its own for each. */
export const previewHost = ({ sandboxId, index }: PreviewPlace, domain: string): string =>
  `${index}-${sandboxId}.${domain}`

/** Whether a Host header names a preview, or a place where only previews are. */
export function isPreviewHost(host: string | undefined, domain: string): boolean {
  const name = host?.toLowerCase()
  return domain !== '' && name !== undefined && (name === domain || name.endsWith(`.${domain}`))
}

/** Which preview a Host header names; null for none. */
export function previewPlace(host: string | undefined, domain: string): PreviewPlace | null {
  if (!isPreviewHost(host, domain)) return null
  const label = host?.toLowerCase().slice(0, -domain.length - 1) ?? ''
  const { index, sandboxId } = /^(?<index>\d)-(?<sandboxId>[a-z0-9]{1,40})$/.exec(label)?.groups ?? {}
  return sandboxId === undefined ? null : { sandboxId, index: Number(index) }
}

/**
 * Whether pages of one host may set cookies that the other gets, as far as names tell: one stands below the other. A name
 * of one label, such as localhost, is nobody's to set cookies for (RFC 6265, 5.3, public suffixes).
 */
export function sharesCookies(one: string, other: string): boolean {
  const below = (name: string, domain: string) => domain.includes('.') && name.endsWith(`.${domain}`)
  return one === other || below(one, other) || below(other, one)
}
