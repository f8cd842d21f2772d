import { lookup } from 'node:dns/promises'
import { z } from 'zod'
import type { Env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { openingsOf } from '#lib/labs/egress.ts'
import { isIpv4, isPrefix, isPublic, isWithin } from '#lib/labs/ipv4.ts'
import type { Lab } from '#lib/labs/schema.ts'

type Settings = Pick<Env, 'DRYDOCK_EGRESS_HOSTS'>
type Egress = Pick<Lab, 'egress'>

/** A host outside that a sandbox reaches, and where: as its policies and its machines' files of names have it. */
export type Opening = { host: string; ports: number[]; addresses: string[] }
export const openingsSchema = z.array(
  z.object({ host: z.string(), ports: z.array(z.number()), addresses: z.array(z.string()) }),
)

/** IPv4 addresses of a host; rejects, or has none, where there is no such host. */
export type Resolve = (host: string) => Promise<string[]>

/** As programs of this machine would: its file of hosts first. */
export const resolveHere: Resolve = async (host) =>
  (await lookup(host, { family: 4, all: true })).map(({ address }) => address)

/** More of one host would only make policies long. */
const MAX_ADDRESSES = 16

const allows = (entry: string, host: string): boolean => {
  if (isIpv4(host)) return isPrefix(entry) && isWithin(host, entry)
  return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry
}

/** Why this platform does not open what the lab asks for, in words for a learner; null where it does. */
export function whyShut({ egress }: Egress, { DRYDOCK_EGRESS_HOSTS: listed }: Settings): string | null {
  const shut = openingsOf(egress).find(({ host }) => !listed.some((entry) => allows(entry, host)))
  return shut
    ? `This lab needs a way to ${shut.host}, which this platform does not allow. Its operator can allow it.`
    : null
}

/**
 * Refuses a lab that asks for a host which the operator does not list, before anything of it is made.
 * @throws AppError `lab-unavailable`, with the host's name
 */
export function refuseForeignHosts(lab: Egress, settings: Settings): void {
  const reason = whyShut(lab, settings)
  if (reason) throw new AppError('lab-unavailable', `not in DRYDOCK_EGRESS_HOSTS: ${reason}`, { userMessage: reason })
}

/**
 * Finds the addresses of what a lab opens. Whatever is not public is dropped, unless the operator lists that very address,
 * and the cluster's own in any case: a name may lead anywhere.
 * @param never addresses of the cluster itself
 * @throws AppError `cluster-unavailable`, with words, while a host has no address that may be reached
 */
export async function resolveEgress(
  { egress }: Egress,
  { resolve, listed, never }: { resolve: Resolve; listed: readonly string[]; never: readonly string[] },
): Promise<Opening[]> {
  const prefixes = listed.filter(isPrefix)
  const mayBe = (address: string) =>
    isIpv4(address) &&
    !never.includes(address) &&
    (isPublic(address) || prefixes.some((prefix) => isWithin(address, prefix)))
  return Promise.all(
    openingsOf(egress).map(async ({ host, ports }) => {
      const found = isIpv4(host) ? [host] : await addressesOf(host)
      const addresses = [...new Set(found)].filter(mayBe).toSorted().slice(0, MAX_ADDRESSES)
      if (addresses.length > 0) return { host, ports, addresses }
      throw new AppError('cluster-unavailable', `${host} leads to ${found.join(', ') || 'no address'}`, {
        userMessage: `${host}, which this lab needs, has no address that may be reached from here right now; trying again.`,
      })
    }),
  )

  async function addressesOf(host: string): Promise<string[]> {
    try {
      return await resolve(host)
    } catch {
      return [] // no such host, or nobody to ask: the same for who waits
    }
  }
}
