import { providers } from '#lib/auth/providers.ts'

export type SignInWays = { services: { id: string; name: string }[]; mail: boolean; development: boolean }

/** What the sign-in page offers: exactly what this site's environment configures. */
export function signInWays(): SignInWays {
  const all = providers()
  return {
    services: all.filter(({ type }) => type === 'oauth').map(({ id, name }) => ({ id, name })),
    mail: all.some(({ type }) => type === 'email'),
    development: all.some(({ type }) => type === 'credentials'),
  }
}
