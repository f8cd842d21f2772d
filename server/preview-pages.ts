import { createHash } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

const STYLE = `:root{color-scheme:light dark;--paper:#f7f5ef;--ink:#1c2430;--soft:#4c5666;--line:#b9b4a5;--link:#1d4f91}
@media(prefers-color-scheme:dark){:root{--paper:#12171f;--ink:#e6e9ee;--soft:#aab3c0;--line:#3a4453;--link:#8fb8f0}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
main{max-width:34rem;margin:1.5rem;padding:1.5rem 1.75rem;border:1px solid var(--line)}
h1{margin:0 0 .5rem;font-size:1.375rem;line-height:1.3}p{margin:.5rem 0;color:var(--soft)}a{color:var(--link)}`

const RETRY_SECONDS = 3
/** Names a page of ours, by its title: an answer of the machine's has none. */
const MARK = 'drydock-preview'
/**
 * Asks until something else would come, and only then loads the page again: nobody is torn out of reading it. By GET, as
 * small servers answer HEAD with a body, which is no HTTP.
 */
const AGAIN = `const again = async () => {
  try {
    const { headers, body } = await fetch('', { cache: 'no-store' })
    body?.cancel()
    if (headers.get('${MARK}') !== document.title) return location.reload()
  } catch {}
  setTimeout(again, ${RETRY_SECONDS * 1000})
}
setTimeout(again, ${RETRY_SECONDS * 1000})`

const policyWith = (scripts: string) =>
  `default-src 'none'; style-src 'unsafe-inline'; ${scripts}base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
const POLICY = policyWith('')
const AGAIN_HASH = createHash('sha256').update(AGAIN).digest('base64')
const AGAIN_POLICY = policyWith(`script-src 'sha256-${AGAIN_HASH}'; connect-src 'self'; `)

/** What is said where no page of the machine's can be shown. `again`: it is tried again by itself. */
export type Notice = { status: number; title: string; text: string; again?: boolean }

export const openFromLab: Notice = {
  status: 401,
  title: 'Open this page from your lab',
  text: 'It belongs to a machine, and only the lab that the machine is part of leads here. Go to the lab, start it if it does not run, and click on the name of this page above the terminal.',
}
export const notHere: Notice = {
  status: 404,
  title: 'There is nothing here',
  text: 'No page of a machine has this address.',
}
export const ended = (why: string): Notice => ({
  status: 410,
  title: 'This machine has ended',
  text: `${why} The page it served is gone with it. Start the lab again to see it again.`,
})
export const notYet = (why: string): Notice => ({
  status: 503,
  title: 'The machine is not there yet',
  text: `${why} This page tries again by itself.`,
  again: true,
})
export const nobodyAnswers = ({ port, of }: { port: string; of: string }): Notice => ({
  status: 502,
  title: `Nothing answers on port ${port} of ${of} yet`,
  text: 'Once a program listens there, its page comes up here by itself.',
  again: true,
})
export const badAnswer = ({ port, of }: { port: string; of: string }): Notice => ({
  status: 502,
  title: `Port ${port} of ${of} answers, and not as a web server does`,
  text: 'A program listens there, and what it said is not HTTP, or it broke off. Look at what it prints in the terminal, then load this page again.',
})
export const tooSlow = ({ port, of }: { port: string; of: string }): Notice => ({
  status: 504,
  title: `Port ${port} of ${of} takes too long`,
  text: 'A program accepts there, and it has not answered within a minute. Look at what it does in the terminal, then load this page again.',
})
export const tooMany: Notice = {
  status: 503,
  title: 'Too many requests at once',
  text: 'This page has asked the machine for more than it can carry at a time. Wait a little, then load it again.',
}
export const badRequest: Notice = {
  status: 400,
  title: 'That request could not be read',
  text: 'It cannot be passed on to the machine.',
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

function pageOf({ title, text, again = false }: Notice, siteUrl: string): string {
  const script = again ? `<script>${AGAIN}</script>` : ''
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p><p><a href="${escaped(siteUrl)}">Drydock</a></p></main>${script}</body></html>`
}

function pageHeaders(notice: Notice, page: string): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(page)),
    'Content-Security-Policy': notice.again ? AGAIN_POLICY : POLICY,
    [MARK]: notice.title,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...(notice.again && { 'Retry-After': String(RETRY_SECONDS) }),
  }
}

/** Answers with a page of ours; where an answer has begun already, breaks it off. */
export function show(response: ServerResponse, notice: Notice, siteUrl: string): void {
  if (response.headersSent) return void response.destroy()
  const page = pageOf(notice, siteUrl)
  response.writeHead(notice.status, pageHeaders(notice, page)).end(page)
}

/** The same, in place of an upgrade. */
export function showOnSocket(socket: Duplex, notice: Notice, siteUrl: string): void {
  const page = pageOf(notice, siteUrl)
  const headers = Object.entries({ Connection: 'close', ...pageHeaders(notice, page) })
  const lines = [`HTTP/1.1 ${notice.status} ${STATUS_CODES[notice.status]}`, ...headers.map((pair) => pair.join(': '))]
  socket.end([...lines, '', page].join('\r\n'), () => socket.destroy())
}
