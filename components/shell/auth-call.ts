import { signInError } from '#lib/auth/sign-in-error.ts'

/** The address that comes next, or what went wrong, in words for a person. */
export type Outcome = { next: string; problem?: never } | { next?: never; problem: string }

/**
 * Sends a form to one of next-auth's routes. Its own browser part would leave the page, and lose what was typed, when
 * the site cannot be reached.
 */
export async function authCall(path: string, fields: Record<string, string>): Promise<Outcome> {
  try {
    const { csrfToken } = await (await fetch('/api/auth/csrf')).json()
    const body = new URLSearchParams({ ...fields, csrfToken, json: 'true' })
    const { url = '?error=internal' } = await (await fetch(`/api/auth/${path}`, { method: 'POST', body })).json()
    const next = new URL(url, location.href)
    const problem = signInError(next.searchParams.get('error'))
    return problem ? { problem } : { next: next.href }
  } catch {
    return { problem: 'The site cannot be reached. Are you online?' }
  }
}
