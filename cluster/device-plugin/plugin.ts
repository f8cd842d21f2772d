import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  Client,
  credentials,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { type Device, resourceName } from './devices.ts'

type Empty = Record<string, never>
type AllocateRequest = { container_requests: { devices_ids: string[] }[] }
type DeviceSpec = { container_path: string; host_path: string; permissions: string }
type AllocateResponse = { container_responses: { devices: DeviceSpec[] }[] }

/** A device is not used up: any number of pods may hold it. As many slots as a node has pods, so that it never bounds them. */
const SLOTS = 250
const REGISTER_LIMIT_MS = 10_000
const KUBELET_SOCKET = 'kubelet.sock'

const api = loadSync(join(import.meta.dirname, 'api.proto'), { keepCase: true })
/** Services of the API by name; the loader types messages and services alike. */
export const apiService = (name: string) => api[`v1beta1.${name}`] as ServiceDefinition

/**
 * Offers one device as a resource of the node, by the kubelet's device plugin API (v1beta1; kubernetes.io, "Device
 * Plugins"): a gRPC server on a socket in the kubelet's `folder`, and one call that tells the kubelet of it.
 * @returns what ends it. Rejects when the kubelet does not take it.
 */
export async function offerDevice(device: Device, folder: string): Promise<() => void> {
  const slots = Array.from({ length: SLOTS }, (_, index) => ({ ID: `${device.name}-${index}`, health: 'Healthy' }))
  const spec = { container_path: device.path, host_path: device.path, permissions: 'rw' }
  const options: handleUnaryCall<Empty, Empty> = (_call, answer) => answer(null, {})
  // Never ended: the kubelet takes the stream's end for the devices' end.
  const list: handleServerStreamingCall<Empty, { devices: typeof slots }> = (call) => {
    call.write({ devices: slots })
  }
  const allocate: handleUnaryCall<AllocateRequest, AllocateResponse> = ({ request }, answer) =>
    answer(null, { container_responses: request.container_requests.map(() => ({ devices: [spec] })) })

  const server = new Server()
  server.addService(apiService('DevicePlugin'), {
    GetDevicePluginOptions: options,
    ListAndWatch: list,
    Allocate: allocate,
  })
  const endpoint = `drydock-${device.name}.sock`
  // Of a plugin that was killed.
  rmSync(join(folder, endpoint), { force: true })
  await promisify(server.bindAsync.bind(server))(`unix:${join(folder, endpoint)}`, ServerCredentials.createInsecure())
  try {
    await register(join(folder, KUBELET_SOCKET), { version: 'v1beta1', endpoint, resource_name: resourceName(device) })
  } catch (error) {
    server.forceShutdown()
    throw error
  }
  return () => server.forceShutdown()
}

function register(socket: string, request: Record<string, string>): Promise<void> {
  const method = apiService('Registration').Register
  if (!method) throw new Error('api.proto has no Register')
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  return new Promise<void>((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = method
    const deadline = Date.now() + REGISTER_LIMIT_MS
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, (error) =>
      error ? reject(error) : resolve(),
    )
  }).finally(() => client.close())
}
