import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomes, each, TestNamespaces } from '#cluster/netpol/test-namespaces.ts'
import { answers, embeddedCluster, type Place, Program, placeOf } from '#cluster/netpol/test-probe.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { twoMachineLab } from '#lib/sandbox/test-lab.ts'

/** Two sandboxes as they are shipped, and what gets through between all that is in them. */
const embedded = embeddedCluster()
const instance = `network-${randomUUID().slice(0, 8)}`
const PORT = 7777

describe.skipIf(!embedded)('what a sandbox reaches', () => {
  if (!embedded) return
  const { client, node } = embedded
  const cluster = createCluster({ source: new KubeConfigSource(env().KUBECONFIG), instance })
  const pods = new TestNamespaces(embedded)
  const servers = new DisposableStack()
  let mine: Awaited<ReturnType<typeof sandbox>>
  let theirs: typeof mine

  const lab = twoMachineLab()

  /** A workstation, a root machine, and two pods of the learner's with a Service; each serves one port. */
  async function sandbox() {
    const sandboxId = randomUUID()
    const { sys, learner } = namespacesOf(sandboxId)
    const apiServer = await cluster.apiServer()
    await cluster.create(sandboxManifests({ sandboxId, instance, lab, images: imageRefs(), apiServer }))
    const metadata = { name: 'web', namespace: learner }
    const spec = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: PORT }] }
    await client.apply({ apiVersion: 'v1', kind: 'Service', metadata, spec })
    const image = imageRefs().nginx
    const [workstation, box, web, other] = await Promise.all([
      placeOf(embedded as NonNullable<typeof embedded>, sys, 'workstation'),
      placeOf(embedded as NonNullable<typeof embedded>, sys, 'box'),
      pods.pod(learner, 'web', { app: 'web' }, { image }),
      pods.pod(learner, 'other', { app: 'other' }, { image }),
    ])
    for (const place of [workstation, box, web, other]) servers.use(await Program.serve(place, { tcp: [PORT] }))
    const service = await client.getJson<{ spec: { clusterIP: string } }>(`/api/v1/namespaces/${learner}/services/web`)
    return { namespaces: [sys, learner], workstation, box, web, other, service: service?.spec.clusterIP ?? '' }
  }

  beforeAll(async () => {
    ;[mine, theirs] = await Promise.all([sandbox(), sandbox()])
  })
  afterAll(async () => {
    servers.dispose()
    for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
    client.close()
  })

  const at = ({ ip }: Place) => ({ host: ip, port: PORT })
  const targets = () => ({
    ownPod: at(mine.web),
    ownService: { host: mine.service, port: 80 },
    names: { host: '10.96.0.10', port: 53 },
    api: { host: '10.96.0.1', port: 443 },
    node: { host: node.ip, port: 6443 },
    ownMachine: at(mine.workstation),
    rootMachine: at(mine.box),
    theirPod: at(theirs.web),
    theirService: { host: theirs.service, port: 80 },
    theirMachine: at(theirs.workstation),
    theirRootMachine: at(theirs.box),
  })
  const nothing = () => each(targets(), false)
  const working = { ownPod: true, ownService: true, names: true, api: true, node: true }

  it.each([
    ['a workstation: the learner’s pods and Services, names, the API server', 'workstation', working],
    ['a learner’s pod: the same', 'other', working],
    ['a root machine: nothing', 'box', {}],
  ] as const)('from %s', async (_, place, reached) => {
    // A Service takes a moment to have endpoints. A pod always reaches itself.
    const self = place === 'workstation' ? { ownMachine: true } : place === 'box' ? { rootMachine: true } : {}
    await becomes(mine[place], targets(), { ...nothing(), ...reached, ...self })
  })

  it('but without the policies everything, from everywhere', async () => {
    for (const namespace of [...mine.namespaces, ...theirs.namespaces]) await pods.withoutPolicy(namespace)
    for (const place of [mine.workstation, mine.other, mine.box]) await becomes(place, targets(), each(targets(), true))
    expect(await answers(mine.box, { kubelet: { host: node.ip, port: 10250 } })).toEqual({ kubelet: false })
  })
})
