export const MAX_EVIDENCE_CHARS = 500

/**
 * What a check said, fit for a page: control characters (terminal escapes among them) and text-direction overrides become
 * spaces, white space is joined, and it is cut at 500 characters.
 */
export function cleanEvidence(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, ' ')
  const joined = plain.toWellFormed().replace(/ {2,}/g, ' ').trim()
  return joined.length <= MAX_EVIDENCE_CHARS ? joined : `${joined.slice(0, MAX_EVIDENCE_CHARS - 1).toWellFormed()}…`
}
