import { z } from 'zod'
import { nearestName } from '#lib/auth/display-name.ts'

/** What we take over from somebody else's system. An address is there only when that system has verified it. */
export type Profile = { id: string; name: string | null; email: string | null }

const oidcClaims = z.object({
  sub: z.string().min(1).max(255),
  name: z.unknown().optional(),
  preferred_username: z.unknown().optional(),
  email: z.unknown().optional(),
  email_verified: z.unknown().optional(),
})

/**
 * The claims of an OpenID provider (Google is one). Without `email_verified` the address is left out: whoever could
 * claim another's would find it waiting for its owner, or meet its owner there.
 * Throws for claims without a subject. Source: OpenID Connect Core 1.0, section 5.1.
 */
export function oidcProfile(claims: unknown): Profile {
  const { sub, name, preferred_username, email, email_verified } = oidcClaims.parse(claims)
  return {
    id: sub,
    name: nearestName(name) ?? nearestName(preferred_username),
    email: email_verified === true ? address(email) : null,
  }
}

const gitHubUser = z.object({
  id: z.number().int(),
  login: z.string(),
  name: z.unknown().optional(),
  emails: z.unknown().optional(),
})
const gitHubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** GitHub's `GET /user` with `GET /user/emails` as its `emails`. Only the primary address counts, once verified. */
export function gitHubProfile(user: unknown): Profile {
  const { id, login, name, emails } = gitHubUser.parse(user)
  const primary = gitHubEmails.safeParse(emails).data?.find((entry) => entry.primary && entry.verified)
  return { id: String(id), name: nearestName(name) ?? nearestName(login), email: address(primary?.email) }
}

/** In lower case, as sign-in links know it, so that one address is one person. */
function address(value: unknown): string | null {
  const parsed = z
    .email()
    .max(254)
    .safeParse(typeof value === 'string' ? value.toLowerCase() : value)
  return parsed.success ? parsed.data : null
}
