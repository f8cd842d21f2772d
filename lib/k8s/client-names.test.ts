import { createServer } from 'node:http'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { asClientObject } from '#lib/k8s/client-names.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { learnerTraffic } from '#lib/sandbox/network-policies.ts'

const metadata = { name: 'one', namespace: 'two' }
const manifests: Manifest[] = [
  learnerTraffic({ inside: () => metadata, sandboxId: 's', apiServer: [{ address: '10.0.0.1', port: 443 }] }),
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata,
    spec: { limits: [{ type: 'Container', default: { memory: '96Mi' }, defaultRequest: { memory: '64Mi' } }] },
  },
]

test.each(manifests)('nothing of a $kind is lost on its way to the API server', async (manifest) => {
  const received = Promise.withResolvers<string>()
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') {
      const resources = [{ kind: manifest.kind, name: 'things', namespaced: true }]
      response.end(JSON.stringify({ kind: 'APIResourceList', groupVersion: manifest.apiVersion, resources }))
      return
    }
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      received.resolve(body)
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'u' })
  try {
    await KubernetesObjectApi.makeApiClient(config).create(asClientObject(manifest))
    expect(JSON.parse(await received.promise)).toEqual(manifest)
  } finally {
    server.close()
  }
})
