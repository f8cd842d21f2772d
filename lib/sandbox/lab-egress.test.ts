import { describe, expect, it } from 'vitest'
import { labSchema } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { refuseForeignHosts, resolveEgress, whyShut } from '#lib/sandbox/lab-egress.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { INGRESS, namespacesOf, PROFILE_LABEL } from '#lib/sandbox/names.ts'

const labWith = (egress?: unknown, profile = 'root') =>
  labSchema.parse({
    machines: [{ name: 'box', profile }],
    tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
    ...(egress ? { egress } : {}),
  })

describe('an operator’s list', () => {
  const why = (egress: unknown, ...listed: string[]) => whyShut(labWith(egress), { DRYDOCK_EGRESS_HOSTS: listed })

  it.each([
    ['a.example', 'a.example'],
    ['a.b.example', '*.b.example'],
    ['x.a.b.example', '*.b.example'],
    ['203.0.113.10', '203.0.113.10'],
    ['203.0.113.10', '203.0.113.0/24'],
  ])('opens %s by %s', (host, entry) => {
    expect(why([host], 'else.example', entry)).toBe(null)
  })

  it.each([
    ['a.example', 'b.example'],
    ['b.example', '*.b.example'],
    ['ab.example', '*.b.example'],
    ['a.example.org', 'a.example'],
    ['203.0.113.10', '203.0.114.0/24'],
    ['203.0.113.10', '*.113.10'],
    ['a.example', '0.0.0.0/0'],
  ])('does not open %s by %s', (host, entry) => {
    expect(why([host], entry)).toContain(host)
  })

  it('opens nothing by default, which no lab without egress notices', () => {
    expect(why(['a.example'])).toContain('a.example')
    expect(whyShut(labWith(), { DRYDOCK_EGRESS_HOSTS: [] })).toBe(null)
    const refused = { code: 'lab-unavailable', userMessage: expect.stringContaining('a.example') }
    const refuse = () => refuseForeignHosts(labWith(['a.example']), { DRYDOCK_EGRESS_HOSTS: [] })
    expect(refuse).toThrow(expect.objectContaining(refused))
  })
})

describe('addresses of a host', () => {
  const found = (addresses: string[] | Error, listed: string[] = [], never: string[] = []) => {
    const resolve = async () => {
      if (addresses instanceof Error) throw addresses
      return addresses
    }
    return resolveEgress(labWith([{ host: 'a.example', ports: [22] }]), { resolve, listed, never })
  }

  it.each([
    [['203.0.113.10', '203.0.113.9'], [], [], ['203.0.113.10', '203.0.113.9']],
    [['203.0.113.10', '10.0.0.1', '169.254.169.254', 'fd00::1'], [], [], ['203.0.113.10']],
    [['203.0.113.10', '10.0.0.1'], ['10.0.0.0/24'], [], ['10.0.0.1', '203.0.113.10']],
    [['10.0.0.1'], ['10.0.0.1'], [], ['10.0.0.1']],
    [['203.0.113.10', '203.0.113.11'], ['203.0.113.0/24'], ['203.0.113.11'], ['203.0.113.10']],
    [['203.0.113.10', '203.0.113.10'], [], [], ['203.0.113.10']],
  ])('of %j with %j listed and %j of the cluster: %j', async (addresses, listed, never, kept) => {
    expect(await found(addresses, listed, never)).toEqual([{ host: 'a.example', ports: [22], addresses: kept }])
  })

  it.each([
    ['only private ones', ['10.0.0.1', '127.0.0.1'], [], []],
    ['only the cluster’s', ['10.0.0.1'], ['10.0.0.0/8'], ['10.0.0.1']],
    ['none', [], [], []],
    ['no such name', new Error('ENOTFOUND'), [], []],
  ])('%s: the start waits, and says for what', async (_, addresses, listed, never) => {
    await expect(found(addresses, listed, never)).rejects.toMatchObject({
      code: 'cluster-unavailable',
      userMessage: expect.stringContaining('a.example'),
    })
  })

  it('of an address: itself, and nobody is asked', async () => {
    const resolve = () => Promise.reject(new Error('asked'))
    const openings = await resolveEgress(labWith(['203.0.113.10']), { resolve, listed: [], never: [] })
    expect(openings).toEqual([{ host: '203.0.113.10', ports: [80, 443], addresses: ['203.0.113.10'] }])
  })
})

describe('what a sandbox is made of', () => {
  const egress = [
    { host: 'a.example', ports: [80, 443], addresses: ['203.0.113.1', '203.0.113.2'] },
    { host: 'b.example', ports: [22], addresses: ['203.0.113.2'] },
    { host: '198.51.100.7', ports: [80], addresses: ['198.51.100.7'] },
  ]
  const images = { root: 'r:1', engine: 'n:1', kubernetes: 'k:1', examiner: 'e:1', agent: 'a:1' }
  const of = (profile: string, opened = egress) =>
    sandboxManifests({
      sandboxId: 's1',
      instance: 'i-1',
      lab: labWith(['a.example'], profile),
      images,
      registry: '10.96.0.11',
      egress: opened,
    })
  const policies = (manifests: Manifest[]) => manifests.filter(({ metadata: { name } }) => name === 'outside')
  const rule = (ports: number[], ...addresses: string[]) => ({
    to: addresses.map((address) => ({ ipBlock: { cidr: `${address}/32` } })),
    ports: ports.map((port) => ({ protocol: 'TCP', port })),
  })
  const { sys, learner } = namespacesOf('s1')

  it.each([
    ['root', [sys]],
    ['kubernetes', [sys, learner]],
  ])('a lab of profile %s: exactly these addresses and ports, for all pods of %j but a door', (profile, namespaces) => {
    const found = policies(of(profile))
    expect(found.map(({ metadata }) => metadata.namespace)).toEqual(namespaces)
    for (const { spec } of found) {
      expect(spec).toEqual({
        podSelector: { matchExpressions: [{ key: PROFILE_LABEL, operator: 'NotIn', values: [INGRESS] }] },
        policyTypes: ['Egress'],
        egress: [rule([80, 443], '203.0.113.1', '203.0.113.2'), rule([22], '203.0.113.2'), rule([80], '198.51.100.7')],
      })
    }
  })

  const aliases = (profile: string, opened = egress) => {
    const pod = of(profile, opened).find(({ kind }) => kind === 'Pod')?.spec as { hostAliases?: unknown }
    return pod.hostAliases
  }
  const names = [
    { ip: '203.0.113.1', hostnames: ['a.example'] },
    { ip: '203.0.113.2', hostnames: ['a.example', 'b.example'] },
  ]

  it('names lead to the same addresses, beside the registry’s', () => {
    expect(aliases('root')).toEqual(names)
    expect(aliases('engine')).toEqual([{ ip: '10.96.0.11', hostnames: ['registry.drydock.local'] }, ...names])
  })

  it('nothing, where nothing is opened', () => {
    expect(policies(of('kubernetes', []))).toEqual([])
    expect(aliases('root', [])).toBe(undefined)
  })
})
