import { createTransport } from 'nodemailer'

/** Minutes that a sign-in link is good for, once. */
export const LINK_MINUTES = 15

const TIMEOUT_MS = 10_000

type SignInMail = { server: string; from: string; to: string; link: URL }

/** Sends the link. Rejects when the mail server does not take the mail; the reason is for the log. */
export async function sendSignInMail({ server, from, to, link }: SignInMail): Promise<void> {
  const transport = createTransport({
    url: server,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  })
  const { rejected } = await transport.sendMail({ from, to, ...signInMail(link) })
  if (rejected.length > 0) throw new Error('the mail server refused the address')
}

/** The words of the mail, as text and as HTML. */
function signInMail(link: URL): { subject: string; text: string; html: string } {
  const advice = `The link is good for ${LINK_MINUTES} minutes, once. If you did not ask for it, do nothing: without it nobody gets in.`
  const href = link.href.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return {
    subject: `Sign in to Drydock at ${link.host}`,
    text: `Sign in to Drydock at ${link.host}:\n\n${link.href}\n\n${advice}\n`,
    html: `<p>Sign in to Drydock at ${link.host}:</p>\n<p><a href="${href}">Sign in</a></p>\n<p>${advice}</p>\n`,
  }
}
