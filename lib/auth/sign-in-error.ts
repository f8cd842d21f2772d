/** A sign-in error code (ours or next-auth's) in words for a person; undefined when there is none. */
export function signInError(code: string | string[] | undefined | null): string | undefined {
  if (!code) return undefined
  switch (code) {
    case 'bad-request':
    case 'CredentialsSignin':
      return 'A name has 1 to 40 characters.'
    case 'limit-reached':
      return 'Too many tries at once. Wait a little, then try again.'
    case 'cancelled':
      return 'You stopped signing in. Nothing was changed.'
    case 'signed-out':
      return 'You are signed out. Sign in again to go on: your machine and your progress are still there.'
    case 'Verification':
      return 'This link was used before, or is older than 15 minutes. Ask for a new one below.'
    case 'OAuthAccountNotLinked':
      return 'There is an account with this address already, made in another way. Please sign in the way you did first.'
    case 'OAuthSignin':
      return 'That service cannot be reached right now. Try again in a moment, or choose another way.'
    case 'OAuthCallback':
    case 'Callback':
    case 'OAuthCreateAccount':
      return 'Signing in there did not come to an end. Please start again.'
    case 'EmailSignin':
      return 'The mail could not be sent. Look at the address, or try again in a moment.'
    case 'AccessDenied':
      return 'This account may not sign in here.'
    case 'SessionRequired':
      return 'Please sign in first.'
    default:
      return 'That did not work, and it is our fault. Please try again.'
  }
}
