import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/**
 * What lets a browser see a preview. A ticket is in a URL, for the few seconds of one redirect and for one use; a cookie
 * belongs to the preview's host. Both name the host, so that neither is worth anything at another.
 */
export type PassKind = 'ticket' | 'cookie'
export const PASS_MS: Record<PassKind, number> = { ticket: 20_000, cookie: 24 * 60 * 60_000 }

const passSchema = z.object({
  host: z.string(),
  userId: z.string(),
  /** The sign-in from which it was opened: it ends with that. */
  sessionId: z.string(),
  sandboxId: z.string(),
})
export type Pass = z.output<typeof passSchema>
const sealedSchema = passSchema.extend({ until: z.number(), nonce: z.string() })
export type OpenedPass = z.output<typeof sealedSchema>

/** A key for each kind, from which nothing of the secret's other uses follows (RFC 5869). */
const keyOf = (kind: PassKind, secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `drydock preview ${kind}`, 32))
const signed = (kind: PassKind, secret: string, body: string): Buffer =>
  createHmac('sha256', keyOf(kind, secret)).update(body).digest()

export function sealPass(kind: PassKind, pass: Pass, { secret, now }: { secret: string; now: number }): string {
  const { host, userId, sessionId, sandboxId } = pass
  const content = { host, userId, sessionId, sandboxId, until: now + PASS_MS[kind] }
  const body = Buffer.from(JSON.stringify({ ...content, nonce: randomBytes(12).toString('hex') })).toString('base64url')
  return `${body}.${signed(kind, secret, body).toString('base64url')}`
}

/** What a pass says, or null for one that is not ours, of another kind or host, or over. */
export function openPass(
  kind: PassKind,
  text: string,
  { secret, now, host }: { secret: string; now: number; host: string },
): OpenedPass | null {
  const [body = '', mac = '', ...more] = text.split('.')
  const given = Buffer.from(mac, 'base64url')
  const right = signed(kind, secret, body)
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return null
  const pass = sealedSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString()))
  return pass.host === host && now < pass.until ? pass : null
}
