import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** Whom the provider will say has signed in, or that they pressed "Cancel". */
export type Answer = { sub: string; name?: string; email?: string; email_verified?: boolean } | 'cancel'
type Code = { claims: object; challenge: string; redirectUri: string }

/** Changes that a broken or wicked provider makes to what it signs. */
export type Mischief = { nonce?: string; aud?: string; key?: 'foreign' }

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const keys = () => generateKeyPairSync('rsa', { modulusLength: 2048 })

/**
 * An OpenID provider: discovery, authorization code with PKCE (S256), one use per code, client secret, signed id_token.
 * Sources: OpenID Connect Core 1.0, RFC 6749, RFC 7636.
 */
export class OidcProvider implements AsyncDisposable {
  answer: Answer = 'cancel'
  mischief: Mischief = {}
  /** What each authorization request asked for. */
  readonly asked: URLSearchParams[] = []
  readonly #issuer: string
  readonly #client: { id: string; secret: string }
  readonly #codes = new Map<string, Code>()
  readonly #key = keys()
  readonly #foreign = keys()
  readonly #server = createServer((request, response) => void this.#handle(request, response))

  private constructor({ OIDC_ISSUER = '', OIDC_CLIENT_ID = '', OIDC_CLIENT_SECRET = '' }: NodeJS.ProcessEnv) {
    this.#issuer = OIDC_ISSUER
    this.#client = { id: OIDC_CLIENT_ID, secret: OIDC_CLIENT_SECRET }
  }

  /** The provider that a site with this environment asks: its issuer is a URL on loopback, with a port. */
  static async listen(siteEnvironment: NodeJS.ProcessEnv): Promise<OidcProvider> {
    const provider = new OidcProvider(siteEnvironment)
    const { port, hostname } = new URL(provider.#issuer)
    provider.#server.listen(Number(port), hostname)
    await once(provider.#server, 'listening')
    return provider
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.#issuer)
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return void json({
          issuer: this.#issuer,
          authorization_endpoint: `${this.#issuer}/authorize`,
          token_endpoint: `${this.#issuer}/token`,
          jwks_uri: `${this.#issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
        })
      case '/jwks':
        return void json({
          keys: [{ ...this.#key.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }],
        })
      case '/authorize':
        return void response.writeHead(302, { location: this.#authorize(searchParams) }).end()
      case '/token': {
        const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString())
        const token = this.#token(body, request.headers.authorization)
        return void (typeof token === 'string' ? json({ error: token }, 400) : json(token))
      }
      default:
        return void response.writeHead(404).end()
    }
  }

  #authorize(asked: URLSearchParams): string {
    this.asked.push(asked)
    const back = new URL(asked.get('redirect_uri') ?? '')
    back.searchParams.set('state', asked.get('state') ?? '')
    const challenge = asked.get('code_challenge')
    if (this.answer === 'cancel') back.searchParams.set('error', 'access_denied')
    else if (asked.get('client_id') !== this.#client.id || asked.get('code_challenge_method') !== 'S256' || !challenge)
      back.searchParams.set('error', 'invalid_request')
    else {
      const code = randomBytes(16).toString('hex')
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: this.#issuer,
        aud: this.#client.id,
        iat: now,
        exp: now + 60,
        nonce: asked.get('nonce'),
        ...this.answer,
      }
      this.#codes.set(code, { claims, challenge, redirectUri: asked.get('redirect_uri') ?? '' })
      back.searchParams.set('code', code)
    }
    return back.href
  }

  #token(body: URLSearchParams, authorization = ''): object | string {
    const code = this.#codes.get(body.get('code') ?? '')
    this.#codes.delete(body.get('code') ?? '')
    const basic = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
    if (basic !== `${this.#client.id}:${this.#client.secret}`) return 'invalid_client'
    const proof = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (!code || proof !== code.challenge || body.get('redirect_uri') !== code.redirectUri) return 'invalid_grant'
    const { key, ...changes } = this.mischief
    const head = base64url({ alg: 'RS256', kid: 'one', typ: 'JWT' })
    const signed = `${head}.${base64url({ ...code.claims, ...changes })}`
    const { privateKey } = key === 'foreign' ? this.#foreign : this.#key
    const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url')
    return { token_type: 'Bearer', access_token: randomBytes(16).toString('hex'), id_token: `${signed}.${signature}` }
  }
}
