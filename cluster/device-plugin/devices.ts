import { closeSync, openSync } from 'node:fs'

/** A character device that a pod may ask for as the resource `drydock.dev/NAME`. */
export type Device = { name: string; path: string }

/**
 * Devices that give a pod's root nothing beyond its own namespaces: taps of its network namespace, file systems of its
 * mount namespace, virtual machines of its own memory.
 */
const DEVICES: Device[] = [
  { name: 'tun', path: '/dev/net/tun' },
  { name: 'fuse', path: '/dev/fuse' },
  { name: 'kvm', path: '/dev/kvm' },
]

export const resourceName = ({ name }: Device): string => `drydock.dev/${name}`

/** Those that this machine has, and that open. */
export function presentDevices(devices: Device[] = DEVICES): Device[] {
  return devices.filter(({ path }) => {
    try {
      closeSync(openSync(path, 'r+'))
      return true
    } catch {
      return false
    }
  })
}
