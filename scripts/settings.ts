import { SetupError } from '#cluster/contract.ts'
import { parseEnv } from '#lib/env.ts'

const WAYS = {
  OIDC_ISSUER: 'OpenID Connect',
  GITHUB_CLIENT_ID: 'GitHub',
  GOOGLE_CLIENT_ID: 'Google',
  SMTP_URL: 'a link by mail',
}

/** Refuses what the site would refuse, before anything is built or started. @throws SetupError that names each variable */
export function checkSettings(env: NodeJS.ProcessEnv): void {
  try {
    parseEnv(env)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new SetupError(said, 'Mend what is named above, then start again.', { cause: error })
  }
}

/** How people sign in, in words for the start-up output. */
export function waysIn(env: NodeJS.ProcessEnv): string {
  if (env.AUTH_DEV === '1') return 'with any name, no password (development sign-in)'
  const ways = Object.entries(WAYS).flatMap(([variable, name]) => (env[variable] ? [name] : []))
  return ways.length > 0 ? `with ${ways.join(', ')}` : 'no way is set up yet: docs/operating.md'
}
