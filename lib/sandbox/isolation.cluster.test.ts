import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API } from '#attack/api.ts'
import { type Attack, carryOut, type Result } from '#attack/attack.ts'
import { KERNEL } from '#attack/kernel.ts'
import { NETWORK } from '#attack/network.ts'
import { openRange, possibleProfiles, type Range } from '#attack/range.ts'
import { podWith } from '#attack/requests.ts'
import { env } from '#lib/env.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { PROFILES } from '#lib/sandbox/machine-profiles.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'

/** The quick part of `npm run attack`: the same rows, each with its control. */
const profiles = possibleProfiles(imageRefs())
let range: Range & AsyncDisposable
beforeAll(async () => {
  range = await openRange({ kubeconfig: env().KUBECONFIG, images: imageRefs() })
  await Promise.all([range.askers(), ...profiles.map((profile) => range.subject(profile))])
})
afterAll(() => range[Symbol.asyncDispose]())

describe('requests of a learner', () => {
  it.each(API)('$name', async (attack) => {
    expect(await carryOut('api', attack, 'kubernetes', range)).toMatchObject({ verdict: 'held' })
  })

  it.each(['nginx', 'nginx:1.26', 'library/busybox', 'docker.io/library/debian:trixie', 'drydock.local/nginx:1'])(
    'but not a pod of the image %s',
    async (image) => {
      const { learner } = await range.subject('kubernetes')
      const asked = { body: podWith({}, { image }) }
      const { status } = await (await range.askers()).learner(
        'POST',
        `/api/v1/namespaces/${learner}/pods?dryRun=All`,
        asked,
      )
      expect(status).toBe(201)
    },
  )

  it('are bounded by what the manifests say', async () => {
    const { sandboxId, learner } = await range.subject('kubernetes')
    const lab = labSchema.parse({
      machines: [{ name: 'box', profile: 'kubernetes' }],
      tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
    })
    const apiServer = await range.cluster.apiServer()
    const bounds = sandboxManifests({ sandboxId, instance: 'any', lab, images: range.images, apiServer }).filter(
      ({ kind, metadata }) =>
        metadata.namespace === learner && ['LimitRange', 'NetworkPolicy', 'ResourceQuota'].includes(kind),
    )
    expect(bounds).toHaveLength(3)
    const { admin } = await range.askers()
    for (const { kind, metadata, spec } of bounds) {
      const api = kind === 'NetworkPolicy' ? '/apis/networking.k8s.io/v1' : '/api/v1'
      const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`
      const { body } = await admin('GET', `${api}/namespaces/${learner}/${plural}/${metadata.name}`)
      expect(JSON.parse(body).spec).toEqual(spec)
    }
  })
})

/** Profiles side by side; what did not hold. */
async function failuresOf(group: string, attacks: Attack[]): Promise<Result[]> {
  const tried = profiles.map(async (profile) => {
    const results: Result[] = []
    for (const attack of attacks) {
      if (!attack.from || attack.from(PROFILES[profile])) results.push(await carryOut(group, attack, profile, range))
    }
    return results
  })
  const results = (await Promise.all(tried)).flat()
  expect(results.length).toBeGreaterThanOrEqual(attacks.length)
  return results.filter(({ verdict }) => verdict !== 'held')
}

it('keeps every profile out of the node’s kernel', { timeout: 300_000 }, async () => {
  expect(await failuresOf('kernel', KERNEL)).toEqual([])
})

it('keeps every profile within its own network', { timeout: 300_000 }, async () => {
  expect(await failuresOf('network', NETWORK)).toEqual([])
})
