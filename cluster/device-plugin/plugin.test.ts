import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, credentials, type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { presentDevices, resourceName } from './devices.ts'
import { apiService, offerDevice } from './plugin.ts'

const tun = { name: 'tun', path: '/dev/net/tun' }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-plugin-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('devices that are not there, or do not open, are not offered', () => {
  const file = { name: 'file', path: join(folder, 'file') }
  writeFileSync(file.path, '')
  expect(presentDevices([file, { name: 'none', path: join(folder, 'none') }, { name: 'dir', path: folder }])).toEqual([
    file,
  ])
  expect(resourceName(tun)).toBe('drydock.dev/tun')
})

/** The kubelet's side of the protocol, on a socket of the test's. */
async function kubelet(answer: (request: unknown) => Error | null) {
  const register: handleUnaryCall<unknown, object> = ({ request }, done) => done(answer(request), {})
  const server = new Server()
  server.addService(apiService('Registration'), { Register: register })
  const bind = promisify(server.bindAsync.bind(server))
  await bind(`unix:${join(folder, 'kubelet.sock')}`, ServerCredentials.createInsecure())
  return server
}

test('the kubelet learns of a device, lists its slots, and is told what a container gets', async () => {
  const requests: unknown[] = []
  const server = await kubelet((request) => {
    requests.push(request)
    return null
  })
  // A socket that a plugin left when it was killed is no hindrance.
  writeFileSync(join(folder, 'drydock-tun.sock'), '')
  const end = await offerDevice(tun, folder)
  expect(requests).toMatchObject([
    { version: 'v1beta1', endpoint: 'drydock-tun.sock', resource_name: 'drydock.dev/tun' },
  ])

  const client = new Client(`unix:${join(folder, 'drydock-tun.sock')}`, credentials.createInsecure())
  const { ListAndWatch, Allocate } = apiService('DevicePlugin')
  if (!ListAndWatch || !Allocate) throw new Error('api.proto')
  const { path, requestSerialize, responseDeserialize } = ListAndWatch
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {})
  const listed = await new Promise<{ devices: { ID: string }[] }>((resolve) => stream.once('data', resolve))
  expect(new Set(listed.devices.map(({ ID }) => ID)).size).toBe(250)
  stream.on('error', () => undefined).cancel()

  const allocated = await new Promise((resolve, reject) =>
    client.makeUnaryRequest(
      Allocate.path,
      Allocate.requestSerialize,
      Allocate.responseDeserialize,
      { container_requests: [{ devices_ids: ['tun-0'] }, { devices_ids: ['tun-1'] }] },
      (error, response) => (error ? reject(error) : resolve(response)),
    ),
  )
  const spec = { container_path: '/dev/net/tun', host_path: '/dev/net/tun', permissions: 'rw' }
  expect(allocated).toEqual({ container_responses: [{ devices: [spec] }, { devices: [spec] }] })
  client.close()
  end()
  server.forceShutdown()
})

test('a kubelet that refuses it is told of', async () => {
  const server = await kubelet(() => new Error('unsupported version'))
  await expect(offerDevice(tun, folder)).rejects.toThrow('unsupported version')
  server.forceShutdown()
})
