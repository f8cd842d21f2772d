import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomes, each, TestNamespaces } from '#cluster/netpol/test-namespaces.ts'
import { answers, embeddedCluster, type Place, Program, placeOf } from '#cluster/netpol/test-probe.ts'
import { OutsideMachine } from '#cluster/outside.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { resolveEgress } from '#lib/sandbox/lab-egress.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { twoMachineLab } from '#lib/sandbox/test-lab.ts'

/** A machine beyond the host with two addresses and two ports, and who gets to which of them. */
const embedded = embeddedCluster()
const instance = `egress-${randomUUID().slice(0, 8)}`
const PORTS = [8080, 9090]
const HOST_PORT = 7979

describe.skipIf(!embedded)('what a lab opens outside', () => {
  if (!embedded) return
  const cluster = createCluster({ source: new KubeConfigSource(env().KUBECONFIG), instance })
  const pods = new TestNamespaces(embedded)
  let outside: OutsideMachine
  let mine: Awaited<ReturnType<typeof sandbox>>
  let theirs: typeof mine

  const lab = twoMachineLab({ egress: [{ host: 'mirror.example', ports: [8080] }] })

  async function sandbox(opens: boolean) {
    const sandboxId = randomUUID()
    const { sys, learner } = namespacesOf(sandboxId)
    const apiServer = await cluster.apiServer()
    const [address] = outside.addresses
    // A name may lead to what no learner is to reach.
    const resolve = async () => [address, '169.254.169.254', embedded?.hostIp ?? '']
    const egress = opens ? await resolveEgress(lab, { resolve, listed: ['mirror.example'], never: [] }) : []
    await cluster.create(sandboxManifests({ sandboxId, instance, lab, images: imageRefs(), apiServer, egress }))
    const where = embedded as NonNullable<typeof embedded>
    const [workstation, box, pod] = await Promise.all([
      placeOf(where, sys, 'workstation'),
      placeOf(where, sys, 'box'),
      pods.pod(learner, 'pod', {}, { image: imageRefs().nginx }),
    ])
    return { namespaces: [sys, learner], places: { workstation, box, pod } }
  }

  const targets = () => {
    const [address, second] = outside.addresses
    return {
      named: { host: address, port: 8080 },
      otherPort: { host: address, port: 9090 },
      second: { host: second, port: 8080 },
    }
  }

  beforeAll(async () => {
    outside = await OutsideMachine.open(dirname(env().KUBECONFIG ?? ''), PORTS)
    ;[mine, theirs] = await Promise.all([sandbox(true), sandbox(false)])
  })
  afterAll(async () => {
    for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
    await outside[Symbol.asyncDispose]()
    embedded.client.close()
  })

  it.each(['workstation', 'box', 'pod'] as const)(
    'its %s reaches that host on that port, and nothing beside it',
    async (name) => {
      await becomes(mine.places[name], targets(), { named: true, otherPort: false, second: false })
    },
  )

  it.each(['workstation', 'box', 'pod'] as const)('a %s of a lab that opens nothing reaches nothing', async (name) => {
    await becomes(theirs.places[name], targets(), each(targets(), false))
  })

  it('but without the policies all of it', async () => {
    for (const namespace of [...mine.namespaces, ...theirs.namespaces]) await pods.withoutPolicy(namespace)
    for (const { places } of [mine, theirs]) {
      for (const place of Object.values(places)) await becomes(place, targets(), each(targets(), true))
    }
  })

  it('and even then neither what is not public, nor the host by any address of its own', async () => {
    const host: Place = { ip: outside.host, link: 'lo', enter: (...command) => command }
    using _server = await Program.serve(host, { tcp: [HOST_PORT] })
    const targets = {
      inner: { host: outside.inner, port: 8080 },
      host: { host: outside.host, port: HOST_PORT },
      link: { host: embedded.hostIp, port: HOST_PORT },
    }
    expect(await answers(host, targets)).toEqual(each(targets, true))
    expect(await answers(mine.places.box, targets)).toEqual(each(targets, false))
  })
})
