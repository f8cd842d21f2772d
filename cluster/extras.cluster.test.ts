import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiClient } from './api-client.ts'
import { presentDevices, resourceName } from './device-plugin/devices.ts'
import { waitFor } from './exec.ts'

const { KUBECONFIG = '', DRYDOCK_REGISTRY: registry, DRYDOCK_DEVICES = '' } = process.env
const namespace = `drydock-extras-${randomUUID().slice(0, 8)}`

type Kubeconfig = {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: Record<'client-certificate-data' | 'client-key-data', string> }[]
}
type Pod = {
  status?: {
    phase: string
    containerStatuses?: { state: { waiting?: { reason: string; message?: string } } }[]
  }
}

/** What the embedded cluster offers pods beyond Kubernetes itself; other clusters say that they do not. */
describe.skipIf(!registry)('the embedded cluster', () => {
  let client: ApiClient

  beforeAll(async () => {
    const { clusters, users } = JSON.parse(readFileSync(KUBECONFIG, 'utf8')) as Kubeconfig
    const [cluster, user] = [clusters[0]?.cluster, users[0]?.user]
    if (!cluster || !user) throw new Error(`${KUBECONFIG} names no cluster`)
    const decoded = (base64: string) => Buffer.from(base64, 'base64').toString()
    client = new ApiClient({
      server: cluster.server,
      ca: decoded(cluster['certificate-authority-data']),
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    })
    await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  })
  afterAll(async () => {
    await client.send('DELETE', `/api/v1/namespaces/${namespace}`)
    client.close()
  })

  /** Runs a pod to its end, or to a trouble with its image: `Succeeded`, `Failed`, or what keeps it waiting. */
  async function outcome(name: string, container: Record<string, unknown>): Promise<string> {
    const spec = {
      hostUsers: false,
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      containers: [{ name: 'main', imagePullPolicy: 'IfNotPresent', ...container }],
    }
    await client.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec } as never)
    const probe = async () => {
      const pod = await client.getJson<Pod>(`/api/v1/namespaces/${namespace}/pods/${name}`)
      const { phase, containerStatuses } = pod?.status ?? { phase: '' }
      const waiting = containerStatuses?.[0]?.state.waiting
      if (waiting?.reason === 'ErrImagePull') return waiting.message ?? waiting.reason
      return ['Succeeded', 'Failed'].includes(phase) && phase
    }
    return waitFor(`the end of the pod ${name}`, probe, { timeoutMs: 60_000 })
  }

  test.each([
    ['python', 'import sys, pip; sys.exit(sys.version_info < (3, 13))'],
    ['node', 'process.exit(process.versions.node.startsWith("20.") ? 0 : 1)'],
  ])('a pod has the image %s by its plain name', async (image, code) => {
    const flag = image === 'python' ? '-c' : '-e'
    expect(await outcome(image, { image, command: [image, flag, code] })).toBe('Succeeded')
  })

  test('an image that the registry does not have is "not found" at once', async () => {
    expect(await outcome('unknown', { image: 'drydock-no-such-image' })).toMatch(/not found/)
  })

  test('the registry answers pods, and takes nothing from them', async () => {
    const url = `http://${registry}:5000/v2/library/nginx`
    const manifest = 'application/vnd.oci.image.manifest.v1+json'
    const code = `import urllib.request, urllib.error
def status(method, path, **headers):
    try: return urllib.request.urlopen(urllib.request.Request('${url}' + path, method=method, headers=headers)).status
    except urllib.error.HTTPError as refused: return refused.code
seen = [status('GET', '/manifests/latest', Accept='${manifest}'), status('GET', '/manifests/none'),
        status('POST', '/blobs/uploads/'), status('PUT', '/manifests/latest'), status('DELETE', '/manifests/latest')]
print(seen)
raise SystemExit(seen != [200, 404, 405, 405, 405])`
    expect(await outcome('client', { image: 'python:3', command: ['python3', '-c', code] })).toBe('Succeeded')
  })

  const devices = presentDevices().filter(({ name }) => DRYDOCK_DEVICES.split(',').includes(name))
  test.runIf(devices.length > 0)('a pod that asks for devices opens them, another one cannot', async () => {
    const script = devices.map(({ path }) => `exec 3<>${path} || exit 1`).join('; ')
    const open = { image: 'busybox', command: ['sh', '-c', script] }
    const limits = Object.fromEntries(devices.map((device) => [resourceName(device), '1']))
    expect(await outcome('with-devices', { ...open, resources: { limits } })).toBe('Succeeded')
    expect(await outcome('without-devices', open)).toBe('Failed')
    // Not made by itself either, though it may make files there.
    const command = ['sh', '-c', 'mknod /dev/tun c 10 200']
    expect(await outcome('mknod', { image: 'busybox', command })).toBe('Failed')
  })
})
