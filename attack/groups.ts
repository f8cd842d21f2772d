import { API } from '#attack/api.ts'
import type { Attack } from '#attack/attack.ts'
import { flagAttacks, type Hosts } from '#attack/flags.ts'
import { KERNEL } from '#attack/kernel.ts'
import { NEIGHBOURS } from '#attack/neighbours.ts'
import { NETWORK } from '#attack/network.ts'
import { RESOURCES } from '#attack/resources.ts'
import { VERDICT } from '#attack/verdict.ts'

/** The one list of attacks, by what they are aimed at. In this order, as the last ones disturb. */
export const groups = (hosts: Hosts): Record<string, Attack[]> => ({
  api: API,
  kernel: KERNEL,
  network: NETWORK,
  flags: flagAttacks(hosts),
  verdict: VERDICT,
  resources: RESOURCES,
  neighbours: NEIGHBOURS,
})
