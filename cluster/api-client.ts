import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'

export type ApiResponse = { status: number; body: string }
type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  spec?: object
}

/** The few calls that the node needs of the Kubernetes API, without a client library: cluster/ stands on Node alone. */
export class ApiClient {
  readonly #server: string
  readonly #agent: Agent

  constructor(options: { server: string; ca: string; cert?: string; key?: string }) {
    this.#server = options.server
    const { ca, cert, key } = options
    this.#agent = new Agent({ keepAlive: true, ca, ...(cert && key ? { cert, key } : {}) })
  }

  /** Resolves with any HTTP status; rejects when the server cannot be reached within 5 s. */
  send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<ApiResponse> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': contentType }
      const call = request(
        `${this.#server}${path}`,
        { method, agent: this.#agent, headers, timeout: 5000 },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
          response.on('error', reject)
        },
      )
      call.on('timeout', () => call.destroy(new Error('no answer within 5 s')))
      call.on('error', reject)
      call.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  get(path: string): Promise<ApiResponse> {
    return this.send('GET', path)
  }

  async getJson<T>(path: string): Promise<T | null> {
    const { status, body } = await this.get(path)
    if (status === 404) return null
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.slice(0, 500)}`)
    return JSON.parse(body) as T
  }

  /**
   * Follows a watch: one JSON value for each line. Resolves when the server ends it in good order, as it does now and
   * then; rejects when it refuses or breaks off, when `onEvent` throws, and when nothing has come for `silentMs`.
   */
  watch(path: string, onEvent: (event: unknown) => void, silentMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(`${this.#server}${path}`, { agent: this.#agent, timeout: silentMs }, (response) => {
        if (response.statusCode !== 200) {
          call.destroy(new Error(`GET ${path}: ${response.statusCode}`))
          return
        }
        let rest = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          try {
            for (const line of lines) onEvent(JSON.parse(line))
          } catch (error) {
            call.destroy(error as Error)
          }
        })
        response.on('end', resolve)
        response.on('error', reject)
      })
      call.on('timeout', () => call.destroy(new Error(`nothing has come for ${silentMs} ms`)))
      call.on('error', reject)
      call.end()
    })
  }

  /** Server-side apply: creates or updates, any number of times. */
  async apply(manifest: Manifest): Promise<void> {
    const path = `${manifestPath(manifest)}?fieldManager=drydock-cluster&force=true`
    const { status, body } = await this.send('PATCH', path, manifest, 'application/apply-patch+yaml')
    if (status !== 200 && status !== 201)
      throw new Error(`apply ${manifest.kind} ${manifest.metadata.name}: ${status} ${body.slice(0, 500)}`)
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** The URL path of an object; regular English plurals are all that booting needs. */
export function manifestPath({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const namespace = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
  const plural = kind
    .toLowerCase()
    .replace(/s$/, 'se')
    .replace(/([^aeiou])y$/, '$1ie')
  return `${group}${namespace}/${plural}s/${metadata.name}`
}

/** A client that holds one of the certificates of a boot. */
export function clientAs(name: string, server: string, pkiDir: string): ApiClient {
  const read = (file: string) => readFileSync(join(pkiDir, file), 'utf8')
  return new ApiClient({ server, ca: read('ca.crt'), cert: read(`${name}.crt`), key: read(`${name}.key`) })
}

export const adminClient = (server: string, pkiDir: string): ApiClient => clientAs('admin', server, pkiDir)
