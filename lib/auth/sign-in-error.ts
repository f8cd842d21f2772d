/** A sign-in error code (ours or next-auth's) in words for a person; undefined when there is none. */
export function signInError(code: string | string[] | undefined | null): string | undefined {
  if (!code) return undefined
  switch (code) {
    case 'bad-request':
    case 'CredentialsSignin':
      return 'A name has 1 to 40 characters.'
    case 'limit-reached':
      return 'Too many tries at once. Wait a minute, then try again.'
    case 'AccessDenied':
      return 'This account may not sign in here.'
    case 'SessionRequired':
      return 'Please sign in first.'
    default:
      return 'That did not work, and it is our fault. Please try again.'
  }
}
