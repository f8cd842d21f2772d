/**
 * A path of our own site to go to after sign-in. Anything that is not plainly a path (another origin, `//host`,
 * `/\host`, control characters, sign-in itself) becomes `/`, so that nobody is led away by a link.
 */
export function safeCallbackPath(value: string | string[] | undefined | null): string {
  if (typeof value !== 'string' || value.length > 2000) return '/'
  const base = 'http://drydock.invalid'
  let url: URL
  try {
    url = new URL(value, base)
  } catch {
    return '/'
  }
  // The parser folds `/\host`, tabs and newlines into the forms browsers would follow, so its verdict is the one to ask.
  if (!value.startsWith('/') || url.origin !== base || url.pathname.startsWith('//')) return '/'
  if (url.pathname === '/signin' || url.pathname.startsWith('/api/')) return '/'
  return url.pathname + url.search + url.hash
}

/** The same for a whole URL, of which the part after our own origin counts. */
export function ownPath(url: string | string[] | undefined | null, baseUrl: string): string {
  const { origin } = new URL(baseUrl)
  return safeCallbackPath(typeof url === 'string' && url.startsWith(`${origin}/`) ? url.slice(origin.length) : url)
}
