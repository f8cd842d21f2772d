import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { clientAs } from '../api-client.ts'
import { becomes, each, TestNamespaces } from './test-namespaces.ts'
import { answers, embeddedCluster, type Place, Program, shell, type Target } from './test-probe.ts'

/**
 * NetworkPolicy by packets, sent from the network namespaces of pods as their root could. Each refusal has a control: the same
 * packet passes once that policy, or that rule, is off.
 */
const cluster = embeddedCluster()
const PORTS = { plain: 80, named: 8080, first: 8081, last: 8083, beyond: 8084 }
const UDP = 5353

describe.skipIf(!cluster)('NetworkPolicy', () => {
  if (!cluster) return
  const { client, node, pki } = cluster
  const namespaces = new TestNamespaces(cluster)
  let a: string
  let b: string
  let web: Place
  let friend: Place
  let stranger: Place
  let server: Program
  const toWeb = { podSelector: { matchLabels: { app: 'web' } } }
  const toFriend = { podSelector: { matchLabels: { app: 'friend' } } }
  const fromFriends = { from: [toFriend] }
  const plain = (): Record<'plain', Target> => ({ plain: { host: web.ip, port: PORTS.plain } })
  const ports = (): Record<keyof typeof PORTS, Target> => {
    const target = (name: keyof typeof PORTS) => ({ host: web.ip, port: PORTS[name] })
    return {
      plain: target('plain'),
      named: target('named'),
      first: target('first'),
      last: target('last'),
      beyond: target('beyond'),
    }
  }

  beforeAll(async () => {
    a = await namespaces.create('a')
    b = await namespaces.create('b')
    await namespaces.policy(a, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    const probed = {
      ports: [{ name: 'http', containerPort: PORTS.named }],
      readinessProbe: { tcpSocket: { port: PORTS.plain }, periodSeconds: 1 },
    }
    ;[web, friend, stranger] = await Promise.all([
      namespaces.pod(a, 'web', { app: 'web' }, probed),
      namespaces.pod(a, 'friend', { app: 'friend' }),
      namespaces.pod(b, 'stranger', { app: 'friend' }),
    ])
    server = await Program.serve(web, { tcp: Object.values(PORTS), udp: [UDP] })
  })

  afterAll(async () => {
    server?.[Symbol.dispose]()
    await namespaces[Symbol.asyncDispose]()
    client.close()
  })

  test('shuts a pod from its start, but not to the node and the kubelet’s probe', async () => {
    type Pod = { status: { conditions: { type: string; status: string }[] } }
    const isReady = async () => {
      const pod = await client.getJson<Pod>(`/api/v1/namespaces/${a}/pods/web`)
      expect(pod?.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
    }
    await vi.waitFor(isReady, { timeout: 20_000, interval: 100 })
    expect(await answers(node, ports())).toEqual(each(PORTS, true))
    expect(await answers(friend, ports())).toEqual(each(PORTS, false))
    expect(await answers(stranger, ports())).toEqual(each(PORTS, false))
    await namespaces.withoutPolicy(a)
    await becomes(friend, ports(), each(PORTS, true))
    await becomes(stranger, ports(), each(PORTS, true))
  })

  test('opens ports by number, name and range to the pods selected', async () => {
    const some = [{ port: PORTS.plain }, { port: 'http' }, { port: PORTS.first, endPort: PORTS.last }]
    await namespaces.policy(a, { ...toWeb, ingress: [{ ...fromFriends, ports: some }] })
    await becomes(friend, ports(), { ...each(PORTS, true), beyond: false })
    await becomes(stranger, ports(), each(PORTS, false))
    expect(await answers(web, ports()), 'a pod reaches itself').toEqual(each(PORTS, true))
    await namespaces.withoutPolicy(a)
    await becomes(stranger, ports(), each(PORTS, true))
    await becomes(friend, ports(), each(PORTS, true))
  })

  test('opens a block of addresses but for an exception', async () => {
    const ipBlock = { cidr: '10.244.0.0/16', except: [`${friend.ip}/32`] }
    await namespaces.policy(a, { ...toWeb, ingress: [{ from: [{ ipBlock }] }] })
    await becomes(friend, plain(), { plain: false })
    expect(await answers(stranger, plain())).toEqual({ plain: true })
    await namespaces.withoutPolicy(a)
    await becomes(friend, plain(), { plain: true })
  })

  test('keeps a pod from names, the API server and other pods', async () => {
    const out = {
      names: { host: '10.96.0.10', port: 53 },
      api: { host: '10.96.0.1', port: 443 },
      node: { host: node.ip, port: 6443 },
      web: { host: web.ip, port: PORTS.plain },
    }
    await namespaces.policy(a, { ...toFriend, policyTypes: ['Egress'] })
    await becomes(friend, out, each(out, false))
    expect(await answers(stranger, out)).toEqual(each(out, true))
    await namespaces.withoutPolicy(a)
    await becomes(friend, out, each(out, true))
  })

  test('ends what is under way, either way, and lets it go on when the policy goes', async () => {
    using echo = Program.stream(friend, { host: web.ip, port: PORTS.plain })
    using answersOnly = Program.stream(friend, { host: web.ip, port: UDP, udp: true })
    const both = [echo, answersOnly]
    await Promise.all(both.map((one) => one.speaks()))
    await namespaces.policy(a, { ...toWeb, ingress: [] })
    await Promise.all(both.map((one) => one.fallsSilent()))
    await namespaces.withoutPolicy(a)
    await Promise.all(both.map((one) => one.speaks()))
  })

  test('believes no source address but a pod’s own, and no IPv6', async () => {
    await namespaces.policy(a, { ...toWeb, ingress: [fromFriends] })
    await becomes(stranger, plain(), { plain: false })
    await becomes(friend, plain(), { plain: true })
    const dev = `/proc/sys/net/ipv6/conf/${stranger.link}`
    // What root in a pod may do, and on the node's side what somebody might switch on.
    await shell(stranger, `ip address add ${friend.ip}/32 dev lo; echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6`)
    await shell(node, `echo 0 > ${dev}/accept_dad; echo 0 > ${dev}/disable_ipv6`)
    const rpFilter = (value: number) =>
      shell(node, `for i in all ${stranger.link}; do echo ${value} > /proc/sys/net/ipv4/conf/$i/rp_filter; done`)
    // A third defence would hide whether these work: without neighbours there is no IPv6.
    const neighbours = "icmpv6 type '{ nd-neighbor-solicit, nd-neighbor-advert }' accept"
    const added = await shell(node, `nft --echo --handle insert rule inet drydock_node input ${neighbours}`)
    onTestFinished(async () => {
      await shell(node, `nft delete rule inet drydock_node input handle ${/# handle (\d+)/.exec(added)?.[1]}`)
      await rpFilter(1)
      await shell(node, `echo 1 > ${dev}/disable_ipv6`)
      await cluster.signal('KILL')
      await namespaces.withoutPolicy(a)
      await becomes(stranger, plain(), { plain: true })
    })
    const linkLocal = /fe80:[^/]+/.exec(await shell(node, `ip -6 -brief address show dev ${stranger.link}`))?.[0]
    const byIpv6 = { node: { host: `${linkLocal}%eth0`, port: 6443 } }
    const spoofed = { host: web.ip, port: UDP, udp: true, from: friend.ip }
    const isHeard = async () => {
      const before = server.said
      await answers(stranger, { spoofed })
      return server.said > before
    }

    await rpFilter(0)
    expect(await isHeard()).toBe(false)
    expect(await answers(stranger, byIpv6)).toEqual({ node: false })
    await shell(node, 'nft flush chain inet drydock_netpol links')
    expect(await isHeard()).toBe(true)
    expect(await answers(stranger, byIpv6)).toEqual({ node: false })
    await shell(node, 'nft flush chain inet drydock_netpol input')
    await becomes(stranger, byIpv6, { node: true })
  })

  test('stays as it was while its process does not work, and closed to what is new', async () => {
    await cluster.signal('STOP')
    onTestFinished(() => cluster.signal('CONT').catch(() => undefined))
    const late = await namespaces.pod(b, 'late', {})
    expect(await answers(stranger, plain())).toEqual({ plain: true })
    expect(await answers(late, plain())).toEqual({ plain: false })
    await namespaces.policy(a, { ...toWeb, ingress: [] })
    const restarts = cluster.netpol()?.restarts ?? 0
    await cluster.signal('KILL')
    await becomes(stranger, plain(), { plain: false })
    expect(cluster.netpol()?.restarts).toBe(restarts + 1)
    await namespaces.withoutPolicy(a)
    await becomes(late, plain(), { plain: true })
  })

  test('reads three kinds of objects, and nothing else', async () => {
    const netpol = clientAs('netpol', `https://${node.ip}:6443`, pki)
    const status = async (method: string, path: string) => (await netpol.send(method, path)).status
    const kinds = ['/api/v1/pods', '/api/v1/namespaces', '/apis/networking.k8s.io/v1/networkpolicies']
    for (const path of kinds) expect(await status('GET', path), path).toBe(200)
    for (const path of ['/api/v1/secrets', '/api/v1/nodes', `/api/v1/namespaces/${a}/pods/web`])
      expect(await status('GET', path), path).toBe(403)
    for (const path of [
      `/api/v1/namespaces/${a}/pods/web`,
      `${kinds[2]?.replace('/networkp', `/namespaces/${a}/networkp`)}/policy`,
    ])
      expect(await status('DELETE', path), path).toBe(403)
    netpol.close()
  })
})
