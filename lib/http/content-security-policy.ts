/**
 * The policy of every page. Scripts run only with this request's nonce (or loaded by one that has it); nothing frames
 * us. Styles allow inline ones: xterm writes a style element for its colours, and highlighted code carries style
 * attributes; neither can run anything.
 */
export function contentSecurityPolicy(nonce: string, options: { development: boolean }): string {
  return [
    "default-src 'self'",
    // React's development build evaluates strings to rebuild server stack traces; the production build does not.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${options.development ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The policy of an answer that is data: even where a browser shows it as a page, nothing in it runs or is framed. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
