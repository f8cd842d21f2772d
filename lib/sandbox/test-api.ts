import { request } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'

export type Answer = { status: number; body: string }
export type Ask = (
  method: string,
  path: string,
  options?: { body?: object; headers?: Record<string, string> },
) => Promise<Answer>

/** The API server, asked as the bearer of `token`, or as the kubeconfig's own user. Answers as it answered. */
export async function asker(config: KubeConfig, token?: string): Promise<Ask> {
  const { server = '', caData = '' } = config.getCurrentCluster() ?? {}
  const credentials: { cert?: string | Buffer; key?: string | Buffer; ca?: string | Buffer } = {}
  if (token) credentials.ca = Buffer.from(caData, 'base64')
  else await config.applyToHTTPSOptions(credentials)
  return (method, path, { body, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(path, server), {
        ...credentials,
        method,
        timeout: 10_000,
        headers: {
          'content-type': 'application/json',
          ...(token && { authorization: `Bearer ${token}` }),
          ...headers,
        },
      })
      asked.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      })
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path} took too long`)))
      asked.on('error', reject)
      asked.end(body && JSON.stringify(body))
    })
}
