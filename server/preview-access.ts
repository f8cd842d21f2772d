import type { IncomingMessage } from 'node:http'
import { AppError } from '#lib/errors.ts'
import type { Preview } from '#lib/previews/find-preview.ts'
import { openPass, PASS_MS, type Pass, sealPass } from '#lib/previews/pass.ts'
import type { PreviewPlace } from '#lib/previews/preview-host.ts'

const KNOWN_MS = 3000
const MAX_KNOWN = 1000

export type AccessOptions = {
  publicUrl: string
  secret: string
  findPreview: (options: PreviewPlace & { userId: string; sessionId: string }) => Promise<Preview>
  /** True for the first to say this word, on whichever gateway. */
  spend: (nonce: string) => Promise<boolean>
  now?: () => number
  /** How long what the database said is taken for true. */
  knownMs?: number
}

/** Who may see a preview: by a ticket once, by its host's cookie from then on, and by what the database says now. */
export class PreviewAccess {
  readonly #options: AccessOptions
  readonly #now: () => number
  readonly #secure: boolean
  readonly #cookie: string
  readonly #known = new Map<string, { until: number; preview: Promise<Preview> }>()

  constructor(options: AccessOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    const { protocol, port } = new URL(options.publicUrl)
    this.#secure = protocol === 'https:'
    // On plain http cookies do not tell ports apart, as for sessions.
    this.#cookie = this.#secure ? '__Host-drydock.preview' : `drydock.preview.${port || '80'}`
  }

  /** The cookie that a ticket is good for, or null. The host and the sandbox are those of the request. */
  async enter(ticket: string, { host, place }: { host: string; place: PreviewPlace }): Promise<string | null> {
    const { secret, spend } = this.#options
    const pass = openPass('ticket', ticket, { secret, host, now: this.#now() })
    if (pass?.sandboxId !== place.sandboxId || !(await spend(pass.nonce))) return null
    const value = sealPass('cookie', pass, { secret, now: this.#now() })
    const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${PASS_MS.cookie / 1000}`]
    return [`${this.#cookie}=${value}`, ...attributes, ...(this.#secure ? ['Secure'] : [])].join('; ')
  }

  /** The pass that the request carries for its host. A page of a sibling may have set cookies of the same name beside it. */
  passOf({ headers }: IncomingMessage, { host, place }: { host: string; place: PreviewPlace }): Pass | null {
    const { secret } = this.#options
    for (const pair of headers.cookie?.split(';') ?? []) {
      const cut = pair.indexOf('=')
      if (cut < 0 || pair.slice(0, cut).trim() !== this.#cookie) continue
      const pass = openPass('cookie', pair.slice(cut + 1).trim(), { secret, host, now: this.#now() })
      if (pass?.sandboxId === place.sandboxId) return pass
    }
    return null
  }

  /** @throws AppError as `findPreview`; `unauthenticated` without a pass */
  async preview(pass: Pass | null, place: PreviewPlace): Promise<Preview> {
    if (!pass) throw new AppError('unauthenticated', `no pass for port ${place.index} of ${place.sandboxId}`)
    const key = JSON.stringify([pass.userId, pass.sessionId, place.sandboxId, place.index])
    const now = this.#now()
    const known = this.#known.get(key)
    if (known && now < known.until) return known.preview
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    const { userId, sessionId } = pass
    const preview = this.#options.findPreview({ ...place, userId, sessionId })
    this.#known.set(key, { until: now + (this.#options.knownMs ?? KNOWN_MS), preview })
    return preview
  }
}
