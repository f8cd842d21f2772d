import { once } from 'node:events'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail server that keeps what it is given. `refuse` makes it turn every recipient away. */
export class MailServer implements AsyncDisposable {
  refuse = false
  readonly mails: Email[] = []
  readonly #server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo: (_address, _session, done) => done(this.refuse ? new Error('no such mailbox') : null),
    onData: (stream, _session, done) => {
      stream
        .toArray()
        .then((chunks) => PostalMime.parse(Buffer.concat(chunks)))
        .then((mail) => this.mails.push(mail))
        .then(() => done(), done)
    },
  })

  /** The server that a site with this environment sends its mails to: its URL is on loopback, with a port. */
  static async listen({ SMTP_URL = '' }: NodeJS.ProcessEnv): Promise<MailServer> {
    const { hostname, port } = new URL(SMTP_URL)
    const mail = new MailServer()
    mail.#server.on('error', () => undefined)
    mail.#server.listen(Number(port), hostname)
    await once(mail.#server.server, 'listening')
    return mail
  }

  /** The newest mail to this address. */
  newest(address: string): Email | undefined {
    return this.mails.findLast(({ to }) => to?.some((recipient) => recipient.address === address))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
