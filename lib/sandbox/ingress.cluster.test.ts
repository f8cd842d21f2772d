import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { becomes, each, TestNamespaces } from '#cluster/netpol/test-namespaces.ts'
import { embeddedCluster, type Place, Program, placeOf, shell } from '#cluster/netpol/test-probe.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { type Ask, asker } from '#lib/sandbox/test-api.ts'
import { twoMachineLab } from '#lib/sandbox/test-lab.ts'

/** Two sandboxes with an ingress each: who reaches it, what it reaches, and what its account may do. */
const embedded = embeddedCluster()
const instance = `ingress-${randomUUID().slice(0, 8)}`
const PORT = 7777

describe.skipIf(!embedded)('an ingress', () => {
  if (!embedded) return
  const { client, node } = embedded
  const source = new KubeConfigSource(env().KUBECONFIG)
  const cluster = createCluster({ source, instance })
  const pods = new TestNamespaces(embedded)
  const servers = new DisposableStack()
  let mine: Awaited<ReturnType<typeof sandbox>>
  let theirs: typeof mine
  let admin: Ask

  const lab = twoMachineLab({ kubernetes: { ingress: true } })

  async function sandbox() {
    const sandboxId = randomUUID()
    const { sys, learner } = namespacesOf(sandboxId)
    const apiServer = await cluster.apiServer()
    await cluster.create(sandboxManifests({ sandboxId, instance, lab, images: imageRefs(), apiServer }))
    const place = (name: string) => placeOf(embedded as NonNullable<typeof embedded>, sys, name)
    const [workstation, box, door, web] = await Promise.all([
      place('workstation'),
      place('box'),
      place('ingress'),
      pods.pod(learner, 'web', { app: 'web' }, { image: imageRefs().nginx }),
    ])
    for (const each of [workstation, web]) servers.use(await Program.serve(each, { tcp: [PORT] }))
    return { sys, learner, workstation, box, door, web }
  }

  beforeAll(async () => {
    admin = await asker(await source.current())
    ;[mine, theirs] = await Promise.all([sandbox(), sandbox()])
    for (const { sys } of [mine, theirs]) {
      const ready = async () => {
        const { body } = await admin('GET', `/api/v1/namespaces/${sys}/pods/ingress`)
        expect(JSON.parse(body).status.conditions).toContainEqual(
          expect.objectContaining({ type: 'Ready', status: 'True' }),
        )
      }
      await vi.waitFor(ready, { timeout: 60_000, interval: 100 })
    }
  })
  afterAll(async () => {
    servers.dispose()
    for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
    client.close()
  })

  const at = ({ ip }: Place, port = PORT) => ({ host: ip, port })
  const doors = () => ({ own: at(mine.door, 8080), ownTls: at(mine.door, 8443), others: at(theirs.door, 8080) })

  it.each([
    ['the workstation reaches its own', 'workstation', { own: true, ownTls: true }],
    ['a learner’s pod reaches none', 'web', {}],
    ['a root machine reaches none', 'box', {}],
  ] as const)('%s', async (_, place, reached) => {
    await becomes(mine[place], doors(), { ...each(doors(), false), ...reached })
  })

  it('reaches the learner’s pods and the API server, nothing else', async () => {
    const targets = {
      ownPod: at(mine.web),
      api: { host: '10.96.0.1', port: 443 },
      names: { host: '10.96.0.10', port: 53 },
      ownMachine: at(mine.workstation),
      theirPod: at(theirs.web),
      theirMachine: at(theirs.workstation),
      theirDoor: at(theirs.door, 8080),
      kubelet: { host: node.ip, port: 10250 },
    }
    await becomes(mine.door, targets, { ...each(targets, false), ownPod: true, api: true })
  })

  it('leads where an Ingress of its own namespace says, under the name that the Ingress shows', async () => {
    for (const [{ learner }, host] of [[mine, 'mine.example'] as const, [theirs, 'theirs.example'] as const]) {
      const path = (group: string, plural: string) => `/${group}/namespaces/${learner}/${plural}`
      const service = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }
      expect((await admin('POST', path('api/v1', 'services'), { body: service })).status).toBe(201)
      const backend = { service: { name: 'web', port: { number: 80 } } }
      const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
      const ingress = { metadata: { name: 'web' }, spec: { rules } }
      expect((await admin('POST', path('apis/networking.k8s.io/v1', 'ingresses'), { body: ingress })).status).toBe(201)
    }
    const asked = (host: string) =>
      shell(
        mine.workstation,
        `curl --silent --output /dev/null --write-out '%{http_code}' --max-time 5 \
        --header 'Host: ${host}' http://${mine.door.ip}:8080/`,
      )
    await vi.waitFor(async () => expect(await asked('mine.example')).toBe('200'), { timeout: 30_000, interval: 100 })
    expect(await asked('theirs.example')).toBe('404')
    const { body } = await admin('GET', `/apis/networking.k8s.io/v1/namespaces/${mine.learner}/ingresses/web`)
    expect(JSON.parse(body).status).toEqual({ loadBalancer: { ingress: [{ hostname: 'ingress' }] } })
  })

  it('has an account that reads its namespace’s routes, and nothing else', async () => {
    const token = await admin('POST', `/api/v1/namespaces/${mine.sys}/serviceaccounts/ingress/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } },
    })
    const ask = await asker(await source.current(), JSON.parse(token.body).status.token)
    const core = (namespace: string, plural: string) => `/api/v1/namespaces/${namespace}/${plural}`
    const may = ['services', 'secrets'].map((plural) => core(mine.learner, plural))
    const mayNot = [
      ...['pods', 'configmaps', 'serviceaccounts'].map((plural) => core(mine.learner, plural)),
      ...[mine.sys, theirs.learner, theirs.sys].flatMap((name) => [core(name, 'secrets'), core(name, 'services')]),
      ...['/api/v1/namespaces', '/api/v1/nodes', '/apis/networking.k8s.io/v1/ingressclasses', '/api/v1/secrets'],
    ]
    const statuses = async (paths: string[]) => Promise.all(paths.map(async (path) => (await ask('GET', path)).status))
    expect(await statuses(may)).toEqual(may.map(() => 200))
    expect(await statuses(mayNot)).toEqual(mayNot.map(() => 403))
    expect((await ask('DELETE', `${core(mine.learner, 'services')}/web`)).status).toBe(403)
  })

  it('is bound to its own role and no other', async () => {
    const bind = (kind: string, name: string) => {
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name }
      const subjects = [{ kind: 'ServiceAccount', name: 'ingress', namespace: mine.sys }]
      const body = { metadata: { name: 'again' }, roleRef, subjects }
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${mine.learner}/rolebindings?dryRun=All`
      return admin('POST', path, { body })
    }
    expect((await bind('Role', 'ingress')).status).toBe(201)
    for (const [kind, name] of [
      ['Role', 'learner'],
      ['ClusterRole', 'ingress'],
      ['ClusterRole', 'view'],
    ] as const) {
      expect(await bind(kind, name)).toMatchObject({ status: 403, body: expect.stringMatching(/can be bound to/) })
    }
  })

  it('is the only pod of its kind that `-sys` takes', async () => {
    const { body } = await admin('GET', `/api/v1/namespaces/${mine.sys}/pods/ingress`)
    const { metadata, spec } = JSON.parse(body)
    const again = (change: (pod: { metadata: { labels: Record<string, string> }; spec: typeof spec }) => void) => {
      const pod = structuredClone({ metadata: { name: 'again', labels: metadata.labels }, spec })
      delete pod.spec.nodeName
      change(pod)
      return admin('POST', `/api/v1/namespaces/${mine.sys}/pods?dryRun=All`, { body: pod })
    }
    const refused = async (change: Parameters<typeof again>[0], why: RegExp) => {
      const answer = await again(change)
      expect([answer.status, answer.body]).toEqual([403, expect.stringMatching(why)])
    }
    // What is like it in all is refused for want of room alone.
    await refused(() => {}, /exceeded quota/)
    const first = ({ spec: { containers } }: { spec: typeof spec }) => containers[0]
    await refused((pod) => Object.assign(first(pod), { image: imageRefs().root }), /our image of that name/)
    await refused((pod) => Object.assign(first(pod).securityContext, { readOnlyRootFilesystem: false }), /by nobody/)
    await refused((pod) => (first(pod).securityContext.capabilities.add = ['NET_ADMIN']), /no capability beyond/)
    await refused((pod) => Object.assign(pod.spec, { serviceAccountName: 'learner' }), /acts as nobody else/)
    await refused((pod) => Object.assign(pod.metadata.labels, { 'drydock.dev/profile': 'root' }), /known profile/)
    await refused((pod) => Object.assign(first(pod), { name: 'machine' }), /known profile/)
  })
})
