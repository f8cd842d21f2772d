/**
 * Runs in the node beside the kubelet and offers its pods /dev/net/tun, /dev/fuse and /dev/kvm, those that there are.
 * A kubelet that restarts forgets its plugins and makes its socket anew: then they are offered again.
 */
import { execFileSync } from 'node:child_process'
import { on } from 'node:events'
import { chmodSync, mkdirSync, statSync, watch } from 'node:fs'
import { type Device, presentDevices, resourceName } from './devices.ts'
import { offerDevice } from './plugin.ts'

/** Fixed in the kubelet, whatever its --root-dir (k8s.io/kubelet, deviceplugin/v1beta1, DevicePluginPath). */
const FOLDER = '/var/lib/kubelet/device-plugins'

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`)

/** Tells one kubelet's socket from the next one's; '' while there is none. */
function identifyKubelet(): string {
  const found = statSync(`${FOLDER}/kubelet.sock`, { throwIfNoEntry: false })
  return found ? `${found.ino} ${found.ctimeMs}` : ''
}

/**
 * To the node, the root of a pod's user namespace is nobody. A device for a group alone (kvm) is covered by one for all,
 * in the node's own /dev: who gets it is for the kubelet to say.
 */
function openToPods({ name, path }: Device): void {
  if ((statSync(path).mode & 0o006) === 0o006) return
  const own = `/run/drydock-device-${name}`
  execFileSync('cp', ['--archive', path, own])
  chmodSync(own, 0o666)
  execFileSync('mount', ['-n', '--bind', own, path])
}

mkdirSync(FOLDER, { recursive: true })
const devices = presentDevices()
devices.forEach(openToPods)
log(`devices: ${devices.map(({ path }) => path).join(', ') || 'none'}`)
const changes = on(watch(FOLDER), 'change')
let known = ''
let offers: (() => void)[] = []
for (; ; await changes.next()) {
  const kubelet = identifyKubelet()
  if (kubelet === '' || kubelet === known) continue
  known = kubelet
  for (const end of offers) end()
  offers = await Promise.all(devices.map((device) => offerDevice(device, FOLDER)))
  log(`offered to the kubelet: ${devices.map(resourceName).join(', ')}`)
}
